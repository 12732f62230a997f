// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/checkpoint/Checkpoint.h"

namespace headkv {

/// A model as Hugging Face lays it out: config.json, model.safetensors or the shards of model.safetensors.index.json,
/// and the tokenizer's files. Errors: Input.
class HuggingFaceDirectory : public Checkpoint
{
public:
    /// With `vocabularyOnly`: the tokenizer's files alone; config.json may be absent.
    HuggingFaceDirectory(const std::filesystem::path &path, bool vocabularyOnly);

    [[nodiscard]] std::string name() const override;
    [[nodiscard]] std::optional<Vocabulary> vocabulary() const override;
    [[nodiscard]] const TensorTable &tensors() const override { return m_tensors; }
    [[nodiscard]] std::vector<std::shared_ptr<const MappedFile>> files() const override { return m_files; }
    [[nodiscard]] std::string storedName(const std::string &name) const override;

private:
    /// The names of the weight files; empty where there are none (a directory with a tokenizer only).
    [[nodiscard]] std::vector<std::string> weightFiles() const;
    void addTensors(std::vector<StoredTensor> tensors);

    std::vector<std::shared_ptr<const MappedFile>> m_files;
    TensorTable m_tensors;
    bool m_normsAfterBlocks = false; ///< the name of Llama's second norm then means the one after attention
};

/// The name that GGUF has for a tensor of a Hugging Face model ("model.layers.0.self_attn.q_proj.weight" →
/// "blk.0.attn_q.weight"); nothing for one that is not part of a known family.
[[nodiscard]] std::optional<std::string> ggufTensorName(std::string_view name, bool hasNormsAfterBlocks);

} // namespace headkv
