// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace headkv {

/// A piece of work in a row of such: what it costs behind the piece before it, and what it would cost more elsewhere.
struct WorkPiece
{
    double cost = 0;
    double saved = 0;
};

/// Pieces begin … end − 1 of a row.
struct WorkRange
{
    std::size_t begin = 0, end = 0;
    bool operator==(const WorkRange &) const = default;
};

/// Cuts a row into tasks that so many ranks take in turn: large ones first, which keep what neighbours share, then
/// smaller ones, which let all ranks end together (guided self-scheduling, Polychronopoulos and Kuck 1987). A cut goes
/// where it loses least. One rank: one task.
[[nodiscard]] std::vector<WorkRange> cutWork(std::span<const WorkPiece> pieces, int ranks);

} // namespace headkv
