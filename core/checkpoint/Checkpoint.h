// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/checkpoint/ModelConfig.h"
#include "core/checkpoint/StoredTensor.h"
#include "core/text/Vocabulary.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headkv {

/// A model as it lies on disk: a GGUF file with its further parts, or a Hugging Face directory. Tensors go by GGUF's
/// names ("blk.0.attn_q.weight") whatever the files call them.
class Checkpoint
{
public:
    /// Reads headers and configuration, no weights. A file of a Hugging Face directory (config.json, *.safetensors)
    /// stands for the directory. With `vocabularyOnly`, and for files without weights, the model may be of a family
    /// that is not known. Errors: Input.
    [[nodiscard]] static std::unique_ptr<Checkpoint> open(const std::filesystem::path &path,
                                                          bool vocabularyOnly = false);
    virtual ~Checkpoint();
    Checkpoint(const Checkpoint &) = delete;
    Checkpoint &operator=(const Checkpoint &) = delete;

    [[nodiscard]] const std::filesystem::path &path() const noexcept { return m_path; }
    [[nodiscard]] const ModelConfig &config() const noexcept { return m_config; }
    [[nodiscard]] virtual std::string name() const = 0; ///< for people
    /// The tokenizer's data; nothing where the files carry none. Errors: Input.
    [[nodiscard]] virtual std::optional<Vocabulary> vocabulary() const = 0;
    [[nodiscard]] virtual const TensorTable &tensors() const = 0;
    /// The mapped files that hold the weights, in order.
    [[nodiscard]] virtual std::vector<std::shared_ptr<const MappedFile>> files() const = 0;

    /// What the files call a tensor, for people.
    [[nodiscard]] virtual std::string storedName(const std::string &name) const { return name; }
    /// The path and a reason, as an Input error.
    [[noreturn]] void fail(const std::string &reason) const;

protected:
    explicit Checkpoint(std::filesystem::path path);
    ModelConfig m_config;

private:
    std::filesystem::path m_path;
};

} // namespace headkv
