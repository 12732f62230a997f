// SPDX-License-Identifier: GPL-3.0-or-later
// GGUF: a model that runs or one line of refusal, whatever the bytes. Corpus: tests/goldens/tiny,
// tests/goldens/families.
#include "core/base/Error.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"
#include "core/text/Tokenizer.h"
#include "tests/fuzz/MemoryFile.h"

#include <array>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace headkv;
    const MemoryFile file(data, size);
    try {
        const auto model = Model::load(file.path(), {.dtype = DType::Float32, .threads = 1});
        if (model->hasTokenizer())
            static_cast<void>(model->tokenizer().encode("A line, 12 words.\n"));
        const std::array<TokenId, 3> ids{0, 1, 2};
        Transformer(model).logProbabilities(ids, [](std::size_t, std::span<const float>) {});
    } catch (const Error &error) {
        if (std::string_view(error.what()).find('\n') != std::string_view::npos)
            std::abort();
    }
    return 0;
}
