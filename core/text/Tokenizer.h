// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headkv {

/// Whether special tokens are read out of the text, and BOS and the like are put around it (where the model uses them).
enum class SpecialTokens { Parse, Plain };

/// Text to token ids and back, as the model was trained. Immutable; safe to share between threads.
class Tokenizer
{
public:
    /// Errors: Input, where the vocabulary is inconsistent or its kind is not supported (the message lists what is).
    explicit Tokenizer(Vocabulary vocabulary);
    ~Tokenizer();
    Tokenizer(const Tokenizer &) = delete;
    Tokenizer &operator=(const Tokenizer &) = delete;

    /// Token ids of UTF-8 text (invalid bytes are read as U+FFFD, as tokenizers does). Linear time.
    [[nodiscard]] std::vector<TokenId> encode(std::string_view text,
                                              SpecialTokens special = SpecialTokens::Parse) const;
    /// As encode with SpecialTokens::Parse, but puts nothing around the text: for the parts a prompt is made of.
    [[nodiscard]] std::vector<TokenId> encodePart(std::string_view text) const;
    /// The text of a whole list of ids, as the reference's decoder gives it: special tokens as their own text, the
    /// space that encode puts in front taken away, U+FFFD for what is no UTF-8. Errors: Input, for an id outside the
    /// vocabulary.
    [[nodiscard]] std::string decode(std::span<const TokenId> ids) const;
    /// The bytes of an answer: without what ends generation, and ids that have no piece.
    [[nodiscard]] std::string answerText(std::span<const TokenId> ids) const;
    /// The bytes that one token stands for among others; may be part of a UTF-8 sequence.
    [[nodiscard]] std::string piece(TokenId id) const;

    [[nodiscard]] const Vocabulary &vocabulary() const noexcept;
    [[nodiscard]] std::size_t size() const noexcept; ///< number of ids
    /// Whether an id has a piece: a model may have more rows of logits than its tokenizer has tokens.
    [[nodiscard]] bool contains(TokenId id) const noexcept;
    /// EOS, EOT and tokens that end a turn by name (<|im_end|>, <|eot_id|>, <|end|>, …).
    [[nodiscard]] bool endsGeneration(TokenId id) const noexcept;

private:
    struct Impl;
    void checkId(TokenId id) const;
    std::unique_ptr<Impl> m_impl;
};

} // namespace headkv
