// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/HeadList.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/text/Utf8.h"

namespace headkv {

std::vector<HeadId> parseHeads(const std::string &option, const std::string &text)
{
    // What separates names, in a list, a column or a JSON array.
    constexpr std::string_view separators = ", \t\r\n\"[]";
    const bool isFile = text.find_first_not_of("0123456789-,") != std::string::npos;
    const std::string names = isFile ? readTextFile(text) : text;
    std::vector<HeadId> heads;
    for (std::size_t begin = names.find_first_not_of(separators); begin != std::string::npos;) {
        const std::size_t end = std::min(names.find_first_of(separators, begin), names.size());
        const std::string name = names.substr(begin, end - begin);
        const auto head = headIdFrom(name);
        if (!head)
            throw Error(isFile ? ErrorKind::Input : ErrorKind::Usage,
                        (isFile ? text + ", byte " + std::to_string(begin) : option) + ": \"" + excerpt(name, 40) +
                            "\" is not a head; write LAYER-HEAD, such as 0-3");
        heads.push_back(*head);
        begin = names.find_first_not_of(separators, end);
    }
    if (heads.empty())
        throw Error(isFile ? ErrorKind::Input : ErrorKind::Usage,
                    option + " " + text + ": names no head; write LAYER-HEAD, such as 0-3,4-1");
    return heads;
}

} // namespace headkv
