// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/model/ModelInfo.h"

#include <filesystem>
#include <memory>

namespace headkv {

class Tokenizer;
struct ChatFormat;
struct ModelConfig;
struct Weights;

/// What is computed in. Auto: bfloat16 where the CPU multiplies it in hardware (AVX512_BF16), else float32.
enum class DType { Auto, BFloat16, Float32 };

/// How linear layers are held. Auto: in four bits where the file has them so (Q4_0, Q4_1) and float32 was not asked
/// for; Int4: all of them, rounded where the file has more.
enum class WeightForm { Auto, Dense, Int4 };

struct ModelOptions
{
    DType dtype = DType::Auto;
    WeightForm weights = WeightForm::Auto; ///< Int4 does not go with DType::Float32
    int threads = 0;                       ///< of LibTorch's intra-op pool; 0: one for each core
    bool vocabularyOnly = false;           ///< read no weights and no checksum: for the tokenizer alone
};

/// A model in memory: configuration, weights, tokenizer. Immutable; safe to share between threads. Transformer runs it.
class Model
{
public:
    /// Reads a GGUF file. Errors: Input (missing, malformed, unknown architecture), Memory (said before the weights are
    /// read, with the figure), Cancelled. A vocabulary-only file loads without weights: it has a tokenizer and nothing
    /// to run.
    [[nodiscard]] static std::shared_ptr<const Model>
    load(const std::filesystem::path &path, const ModelOptions &options = {}, const JobControl &control = {});
    ~Model();
    Model(const Model &) = delete;
    Model &operator=(const Model &) = delete;

    [[nodiscard]] const ModelInfo &info() const noexcept;
    [[nodiscard]] const ModelConfig &config() const noexcept;
    [[nodiscard]] bool hasTokenizer() const noexcept;
    /// Errors: Input, where the file carries no tokenizer that is understood (the message says why).
    [[nodiscard]] const Tokenizer &tokenizer() const;
    [[nodiscard]] const ChatFormat &chatFormat() const noexcept;
    /// Errors: Input, for a vocabulary-only file.
    [[nodiscard]] const Weights &weights() const;
    /// Weights may lie in the file itself. Errors: Input, once another program has cut it short: what was computed
    /// with them is worth nothing.
    void requireIntact() const;

private:
    Model();
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace headkv
