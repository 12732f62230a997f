// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/HeadId.h"

#include <charconv>

namespace headkv {

std::string toString(const HeadId &id) { return std::to_string(id.layer) + "-" + std::to_string(id.head); }

std::optional<HeadId> headIdFrom(std::string_view text)
{
    HeadId id;
    const char *end = text.data() + text.size();
    const auto layer = std::from_chars(text.data(), end, id.layer);
    if (layer.ec != std::errc() || layer.ptr == end || *layer.ptr != '-')
        return std::nullopt;
    const auto head = std::from_chars(layer.ptr + 1, end, id.head);
    // Only the one way to write it: no sign, no leading zero, nothing behind.
    if (head.ec != std::errc() || text != toString(id) || id.layer < 0 || id.head < 0)
        return std::nullopt;
    return id;
}

} // namespace headkv
