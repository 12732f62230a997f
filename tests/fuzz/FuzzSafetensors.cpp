// SPDX-License-Identifier: GPL-3.0-or-later
// safetensors: tensors that lie in the file or one line of refusal, whatever the bytes. Corpus: a folder of
// .safetensors.
#include "core/base/Error.h"
#include "core/checkpoint/Dequantize.h"
#include "core/checkpoint/SafetensorsFile.h"
#include "tests/fuzz/MemoryFile.h"

#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace headkv;
    const MemoryFile file(data, size);
    try {
        for (const StoredTensor &tensor : readSafetensors(file.path())) {
            std::vector<float> row(tensor.shape.back());
            dequantizeRow(tensor, tensor.elements() / tensor.shape.back() - 1, row);
        }
    } catch (const Error &error) {
        if (std::string_view(error.what()).find('\n') != std::string_view::npos)
            std::abort();
    }
    return 0;
}
