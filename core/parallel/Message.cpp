// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/Message.h"

#include "core/base/Error.h"

#include <cstdint>

namespace headkv {

MessageWriter &MessageWriter::putBytes(std::string_view bytes)
{
    put(std::uint64_t{bytes.size()});
    m_bytes.append(bytes);
    return *this;
}

std::string_view MessageReader::take(std::size_t size)
{
    if (size > m_rest.size())
        throw Error(ErrorKind::Failed, "a message of another rank is cut short; start the same program on all ranks");
    const std::string_view taken = m_rest.substr(0, size);
    m_rest.remove_prefix(size);
    return taken;
}

std::string_view MessageReader::takeBytes()
{
    std::uint64_t size = 0;
    get(size);
    return take(size);
}

} // namespace headkv
