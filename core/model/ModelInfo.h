// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/kernels/ElementType.h"
#include "core/text/ChatFormat.h"

#include <cstdint>
#include <string>

namespace headkv {

/// What `headkv info` and the Model page say of a loaded model.
struct ModelInfo
{
    std::string name;         ///< general.name, else the file's name
    std::string path;         ///< the file it came from
    std::string architecture; ///< e.g. "llama"
    int layers = 0;
    int queryHeads = 0; ///< a layer
    int kvHeads = 0;    ///< a layer; divides queryHeads
    int headDim = 0;
    int contextLength = 0; ///< tokens the model was trained for
    int vocabularySize = 0;
    std::int64_t parameters = 0;                   ///< 0 for a vocabulary-only file
    std::uint64_t fileBytes = 0;                   ///< on disk
    std::uint64_t weightBytes = 0;                 ///< in memory
    std::string device = "cpu";                    ///< where it computes: "cpu", "cuda:0", "cuda:0,1"
    std::string dtype;                             ///< what is computed in: "float32", "bfloat16", "float16"
    std::string weights;                           ///< how linear layers are held: "dense" or "int4"
    ElementType cacheType = ElementType::BFloat16; ///< of keys and values; float32 where that dtype was asked for
    std::uint64_t kvBytesPerToken = 0;             ///< of FullKV, in that type
    std::string sha256;                            ///< of the file
    std::string chatTemplate;                      ///< Jinja text; may be empty
    ChatFormat chatFormat;                         ///< recognised in it

    /// Of the keys and values of one token in one KV head of one layer. Needs a model with layers.
    [[nodiscard]] std::uint64_t kvBytesPerEntry() const
    {
        return kvBytesPerToken / (static_cast<std::uint64_t>(layers) * static_cast<std::uint64_t>(kvHeads));
    }
};

} // namespace headkv
