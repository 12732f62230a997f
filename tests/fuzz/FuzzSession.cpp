// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions: one that can be written and read again, or one line of refusal, whatever the bytes. Corpus:
// tests/goldens/sessions.
#include "core/base/Error.h"
#include "sessions/SessionFile.h"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace headkv;
    const QString path = QStringLiteral("/nowhere/fuzz.hkv");
    std::string text;
    try {
        text = formatSession(parseSession({reinterpret_cast<const char *>(data), size}, path), path);
    } catch (const Error &error) {
        if (std::string_view(error.what()).find('\n') != std::string_view::npos)
            std::abort();
        return 0;
    }
    try {
        static_cast<void>(parseSession(text, path));
    } catch (const Error &error) { // what was read has been written, and cannot be read
        std::cerr << error.what() << '\n';
        std::abort();
    }
    return 0;
}
