// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/Tokenizer.h"

#include "core/base/Error.h"
#include "core/text/AddedTokens.h"
#include "core/text/BytePairEncoder.h"
#include "core/text/PreTokenizer.h"
#include "core/text/Utf8.h"

#include <set>
#include <unordered_map>

namespace headkv {

namespace {

[[noreturn]] void fail(const std::string &reason) { throw Error(ErrorKind::Input, reason); }

TokenType typeOf(const Vocabulary &vocabulary, std::size_t id)
{
    return vocabulary.types.empty() ? TokenType::Normal : vocabulary.types[id];
}

void validate(const Vocabulary &vocabulary)
{
    const std::size_t size = vocabulary.tokens.size();
    if (vocabulary.model != "gpt2")
        fail("the tokenizer kind \"" + vocabulary.model.substr(0, 40) +
             "\" is not known; known is: gpt2 (byte-level BPE)");
    if (size == 0)
        fail("the tokenizer's data are damaged: there is no token");
    if (!vocabulary.types.empty() && vocabulary.types.size() != size)
        fail("the tokenizer's data are damaged: " + std::to_string(size) + " tokens but " +
             std::to_string(vocabulary.types.size()) + " token types");
    for (const auto &id : {vocabulary.bos, vocabulary.eos, vocabulary.eot, vocabulary.unknown, vocabulary.padding}) {
        if (id && static_cast<std::size_t>(*id) >= size)
            fail("the tokenizer's data are damaged: special token " + std::to_string(*id) +
                 " is outside the vocabulary of " + std::to_string(size));
    }
}

/// Whether a token's entry is its text as it stands, not bytes in GPT-2's spelling. Unknown counts as Control.
bool isVerbatim(TokenType type)
{
    return type == TokenType::Control || type == TokenType::Unknown || type == TokenType::UserDefined;
}

/// Control tokens that end a turn in the chat formats of the known families.
const std::set<std::string, std::less<>> turnEnds{
    "<|im_end|>", "<|endoftext|>", "<|eot_id|>",      "<|eom_id|>", "<|end_of_text|>", "<|end|>", "<end_of_turn>",
    "</s>",       "<EOT>",         "<|end_of_turn|>", "<|eot|>",    "<|return|>",      "<eos>",   "<end_of_utterance>"};

} // namespace

struct Tokenizer::Impl
{
    explicit Impl(Vocabulary source)
        : vocabulary(std::move(source))
        , splitter(vocabulary.pre)
        , encoder(vocabulary)
    {
        for (std::size_t i = 0; i < vocabulary.tokens.size(); ++i) {
            const auto id = static_cast<TokenId>(i);
            const TokenType type = typeOf(vocabulary, i);
            if (type == TokenType::UserDefined)
                plainTokens.add(vocabulary.tokens[i], id);
            if (isVerbatim(type))
                allTokens.add(vocabulary.tokens[i], id);
            if (type == TokenType::Control && turnEnds.contains(vocabulary.tokens[i]))
                ends.insert(id);
            auto bytes = isVerbatim(type) ? std::nullopt : decodeByteSpelling(vocabulary.tokens[i]);
            pieces.push_back(bytes ? std::move(*bytes) : vocabulary.tokens[i]);
        }
        for (const auto &id : {vocabulary.eos, vocabulary.eot}) {
            if (id)
                ends.insert(*id);
        }
    }

    [[nodiscard]] std::vector<TokenId> encodePiece(std::string_view piece) const
    {
        if (const auto whole = splitter.ignoresMerges() ? encoder.find(piece) : std::nullopt)
            return {*whole};
        std::vector<TokenId> ids;
        encoder.encode(piece, ids);
        return ids;
    }

    void encodePlain(std::string_view text, std::vector<TokenId> &ids) const
    {
        // Words recur: each is merged once a call. A memory across calls would need a lock and a bound.
        std::unordered_map<std::string_view, std::vector<TokenId>> known;
        for (const std::string_view piece : splitter.split(text)) {
            const auto [entry, isNew] = known.try_emplace(piece);
            if (isNew)
                entry->second = encodePiece(piece);
            ids.insert(ids.end(), entry->second.begin(), entry->second.end());
        }
    }

    [[nodiscard]] std::vector<TokenId> encode(std::string_view text, const AddedTokens &added) const
    {
        constexpr std::size_t maxBytes = std::size_t{1} << 29; // positions in a piece are 32-bit numbers
        if (text.size() > maxBytes)
            throw Error(ErrorKind::Input, "the text of " + std::to_string(text.size()) +
                                              " bytes is too long to tokenize at once; cut it below 512 MiB");
        const std::string valid = sanitizeUtf8(text);
        std::vector<TokenId> ids;
        added.scan(
            valid, [&](std::string_view plain) { encodePlain(plain, ids); }, [&](TokenId id) { ids.push_back(id); });
        return ids;
    }

    Vocabulary vocabulary;
    PreTokenizer splitter;
    BytePairEncoder encoder;
    AddedTokens allTokens;           ///< control, unknown and user-defined
    AddedTokens plainTokens;         ///< user-defined: not special, so read out of plain text too, as tokenizers does
    std::vector<std::string> pieces; ///< the bytes of each id
    std::set<TokenId> ends;
};

Tokenizer::Tokenizer(Vocabulary vocabulary)
{
    validate(vocabulary);
    m_impl = std::make_unique<Impl>(std::move(vocabulary));
}

Tokenizer::~Tokenizer() = default;

std::vector<TokenId> Tokenizer::encode(std::string_view text, SpecialTokens special) const
{
    if (special == SpecialTokens::Plain)
        return m_impl->encode(text, m_impl->plainTokens);
    std::vector<TokenId> ids = encodePart(text);
    const Vocabulary &vocabulary = m_impl->vocabulary;
    if (vocabulary.bos && vocabulary.addBos.value_or(m_impl->splitter.addsBosByDefault()))
        ids.insert(ids.begin(), *vocabulary.bos);
    return ids;
}

std::vector<TokenId> Tokenizer::encodePart(std::string_view text) const
{
    return m_impl->encode(text, m_impl->allTokens);
}

std::string Tokenizer::decode(std::span<const TokenId> ids) const
{
    std::string text;
    for (const TokenId id : ids)
        text += piece(id);
    return text;
}

std::string Tokenizer::piece(TokenId id) const
{
    if (!contains(id))
        fail("token id " + std::to_string(id) + " is outside the vocabulary; use ids from 0 to " +
             std::to_string(size() - 1));
    return m_impl->pieces[id];
}

const Vocabulary &Tokenizer::vocabulary() const noexcept { return m_impl->vocabulary; }

std::size_t Tokenizer::size() const noexcept { return m_impl->pieces.size(); }

bool Tokenizer::contains(TokenId id) const noexcept { return id >= 0 && static_cast<std::size_t>(id) < size(); }

bool Tokenizer::endsGeneration(TokenId id) const noexcept { return m_impl->ends.contains(id); }

} // namespace headkv
