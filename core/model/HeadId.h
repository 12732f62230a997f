// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional> // <compare> comes with it: on its own, moc cannot parse it
#include <string>
#include <string_view>

namespace headkv {

/// A query head of a model.
struct HeadId
{
    int layer = 0;
    int head = 0;

    auto operator<=>(const HeadId &) const = default;
};

[[nodiscard]] std::string toString(const HeadId &id); ///< "LAYER-HEAD", as score files name it
/// The way back; nothing where it is anything else.
[[nodiscard]] std::optional<HeadId> headIdFrom(std::string_view text);

} // namespace headkv
