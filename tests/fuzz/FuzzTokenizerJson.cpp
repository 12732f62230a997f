// SPDX-License-Identifier: GPL-3.0-or-later
// tokenizer.json: a tokenizer or one line of refusal, whatever the bytes. Corpus: the files that
// tests/goldens/tokenizer/make_tokenizers.py writes with --files FOLDER.
#include "core/base/Error.h"
#include "core/text/Tokenizer.h"
#include "core/text/TokenizerJson.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace headkv;
    try {
        const Tokenizer tokenizer(parseTokenizerJson({reinterpret_cast<const char *>(data), size}, "input"));
        const auto ids = tokenizer.encode("A caf\u00e9, 12 <mask>\n\u212b it's  \xFF</s>");
        static_cast<void>(tokenizer.decode(ids));
        for (const TokenId id : ids)
            static_cast<void>(tokenizer.piece(id));
    } catch (const Error &error) {
        if (std::string_view(error.what()).find('\n') != std::string_view::npos)
            std::abort();
    }
    return 0;
}
