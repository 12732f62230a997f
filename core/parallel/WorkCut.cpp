// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/WorkCut.h"

#include <algorithm>
#include <limits>

namespace headkv {

namespace {

/// A task has this share of what is left for one rank.
constexpr double shareOfRank = 0.5;
/// How far from the size that is aimed at a cut is looked for.
constexpr double least = 0.5, most = 1.5;

/// Where the task from `begin` on ends.
std::size_t endOf(std::span<const WorkPiece> pieces, std::size_t begin, double aim)
{
    std::size_t best = begin + 1;
    double bestLoss = std::numeric_limits<double>::infinity();
    double cost = 0;
    for (std::size_t end = begin + 1; end <= pieces.size(); ++end) {
        cost += pieces[end - 1].cost;
        if (cost > most * aim)
            break;
        const double loss = end < pieces.size() ? pieces[end].saved : 0;
        if (cost < least * aim)
            best = end + 1;
        else if (loss < bestLoss) {
            best = end;
            bestLoss = loss;
        }
    }
    return std::min(best, pieces.size());
}

} // namespace

std::vector<WorkRange> cutWork(std::span<const WorkPiece> pieces, int ranks)
{
    if (ranks <= 1 && !pieces.empty())
        return {{0, pieces.size()}};
    double left = 0;
    for (const WorkPiece &piece : pieces)
        left += piece.cost;
    std::vector<WorkRange> tasks;
    for (std::size_t begin = 0; begin < pieces.size();) {
        const std::size_t end = endOf(pieces, begin, left * shareOfRank / ranks);
        for (const WorkPiece &piece : pieces.subspan(begin, end - begin))
            left -= piece.cost;
        tasks.push_back({begin, end});
        begin = end;
    }
    return tasks;
}

} // namespace headkv
