// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/PieceEncoder.h"

#include <filesystem>
#include <memory>

namespace headkv {

/// The tokenizer in a SentencePiece model file (tokenizer.model), of any kind that libsentencepiece knows.
/// Errors: Input, for a file that it cannot read.
[[nodiscard]] Vocabulary readSentencePieceModel(const std::filesystem::path &path);

/// Encodes by libsentencepiece (Kudo & Richardson 2018).
class SentencePieceEncoder : public PieceEncoder
{
public:
    /// `model`: the bytes of the model file. Errors: Input, where libsentencepiece refuses them.
    explicit SentencePieceEncoder(const std::string &model);
    ~SentencePieceEncoder() override;

    void encode(std::string_view piece, std::vector<TokenId> &ids) const override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace headkv
