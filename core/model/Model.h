// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/model/ModelInfo.h"

#include <filesystem>
#include <memory>
#include <string>

namespace headkv {

class Tokenizer;
struct ChatFormat;
struct ModelConfig;
struct DeviceWeights;
struct Placement;
struct Weights;

/// What is computed in. Auto: bfloat16 on an accelerator and where the CPU multiplies it in hardware (AVX512_BF16),
/// else float32. Float16: on accelerators only.
enum class DType { Auto, BFloat16, Float16, Float32 };

/// How linear layers are held. Auto: in four bits where the file has them so (Q4_0, Q4_1) and float32 was not asked
/// for; Int4: all of them, rounded where the file has more.
enum class WeightForm { Auto, Dense, Int4 };

struct ModelOptions
{
    std::string device = "cpu"; ///< see placementOf()
    DType dtype = DType::Auto;
    WeightForm weights = WeightForm::Auto; ///< Int4 goes neither with DType::Float32 nor with an accelerator
    int threads = 0;                       ///< of LibTorch's intra-op pool; 0: one for each core
    bool vocabularyOnly = false;           ///< read no weights and no checksum: for the tokenizer alone
};

/// Errors: Usage, for a device that this build or machine does not have; see placementOf().
void requireDevice(const std::string &name);

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
    [[nodiscard]] const Placement &placement() const noexcept;
    /// Those on the host; on an accelerator only the embedding is there. Errors: Input, for a vocabulary-only file.
    [[nodiscard]] const Weights &weights() const;
    /// Those on an accelerator. Errors: as weights().
    [[nodiscard]] const DeviceWeights &deviceWeights() const;
    /// What a cache could still take where the model is; 0: not known.
    [[nodiscard]] std::uint64_t availableBytes() const;
    /// Errors: Memory, with both figures, where fewer than `bytes` are available there.
    void requireCache(std::uint64_t bytes, const std::string &what, const std::string &advice) const;
    /// Weights may lie in the file itself. Errors: Input, once another program has cut it short: what was computed
    /// with them is worth nothing.
    void requireIntact() const;

private:
    Model();
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace headkv
