// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/Tokenizer.h"

#include "core/base/Error.h"
#include "core/text/AddedTokens.h"
#include "core/text/BytePairEncoder.h"
#include "core/text/GgufRules.h"
#include "core/text/Normalizer.h"
#include "core/text/PreTokenizer.h"
#include "core/text/SentencePieceModel.h"
#include "core/text/TokenDecoder.h"
#include "core/text/Utf8.h"

#include <set>
#include <unordered_map>

namespace headkv {

namespace {

[[noreturn]] void fail(const std::string &reason) { throw Error(ErrorKind::Input, reason); }

void validate(const Vocabulary &vocabulary)
{
    const std::size_t size = vocabulary.tokens.size();
    if (size == 0)
        fail("the tokenizer's data are damaged: there is no token");
    const auto check = [size](TokenId id) {
        if (static_cast<std::size_t>(id) >= size)
            fail("the tokenizer's data are damaged: special token " + std::to_string(id) +
                 " is outside the vocabulary of " + std::to_string(size));
    };
    for (const auto &id : {vocabulary.bos, vocabulary.eos, vocabulary.eot, vocabulary.unknown, vocabulary.padding})
        check(id.value_or(0));
    for (const auto *ids : {&vocabulary.before, &vocabulary.after}) {
        for (const TokenId id : *ids)
            check(id);
    }
    for (const AddedToken &token : vocabulary.added)
        check(token.id);
}

Vocabulary complete(Vocabulary vocabulary)
{
    if (!vocabulary.model.empty() || !vocabulary.pre.empty())
        applyGgufRules(vocabulary);
    validate(vocabulary);
    return vocabulary;
}

std::unique_ptr<const PieceEncoder> makeEncoder(const Vocabulary &vocabulary)
{
    switch (vocabulary.algorithm) {
    case TokenAlgorithm::MergeScores:
        return std::make_unique<ScoreEncoder>(vocabulary);
    case TokenAlgorithm::SentencePiece:
        return std::make_unique<SentencePieceEncoder>(vocabulary.sentencePieceModel);
    case TokenAlgorithm::MergeRanks:
        break;
    }
    return std::make_unique<BytePairEncoder>(vocabulary);
}

/// Added tokens that end a turn in the chat formats of the known families.
const std::set<std::string, std::less<>> turnEnds{
    "<|im_end|>", "<|endoftext|>", "<|eot_id|>",      "<|eom_id|>", "<|end_of_text|>", "<|end|>", "<end_of_turn>",
    "</s>",       "<EOT>",         "<|end_of_turn|>", "<|eot|>",    "<|return|>",      "<eos>",   "<end_of_utterance>"};

} // namespace

struct Tokenizer::Impl
{
    explicit Impl(Vocabulary source)
        : vocabulary(complete(std::move(source)))
        , normalizer(vocabulary.normalizers)
        , splitter(vocabulary.splitters)
        , encoder(makeEncoder(vocabulary))
        , decoder(vocabulary.decoders)
    {
        for (const std::string &token : vocabulary.tokens)
            pieces.push_back(decoder.piece(token));
        for (const AddedToken &token : vocabulary.added) {
            pieces[token.id] = token.text;
            if (token.normalized)
                normalizedTokens.add(normalizer.apply(token.text), token);
            else
                rawTokens.add(token.text, token);
            if (turnEnds.contains(token.text))
                ends.insert(token.id);
        }
        for (const auto &id : {vocabulary.eos, vocabulary.eot}) {
            if (id)
                ends.insert(*id);
        }
        ends.insert(vocabulary.ends.begin(), vocabulary.ends.end());
        putAround();
    }

    /// What encode puts around a text.
    void putAround()
    {
        if (!vocabulary.addBos && !vocabulary.addEos) {
            before = vocabulary.before;
            after = vocabulary.after;
            return;
        }
        if (vocabulary.bos && vocabulary.addBos.value_or(false))
            before = {*vocabulary.bos};
        if (vocabulary.eos && vocabulary.addEos.value_or(false))
            after = {*vocabulary.eos};
    }

    void encodePlain(std::string_view text, bool first, std::vector<TokenId> &ids) const
    {
        const Pieces split = splitter.split(text, first);
        // Words recur: each is merged once a call. A memory across calls would need a lock and a bound.
        std::unordered_map<std::string_view, std::pair<std::size_t, std::size_t>> known; // where its ids are in `ids`
        for (const std::string_view piece : split.list) {
            const auto [entry, isNew] = known.try_emplace(piece, ids.size(), 0);
            auto &[begin, count] = entry->second;
            if (isNew) {
                encoder->encode(piece, ids);
                count = ids.size() - begin;
                continue;
            }
            for (std::size_t i = 0; i < count; ++i)
                ids.push_back(ids[begin + i]);
        }
    }

    [[nodiscard]] std::vector<TokenId> encode(std::string_view text, bool special) const
    {
        constexpr std::size_t maxBytes = std::size_t{1} << 29; // positions in a piece are 32-bit numbers
        if (text.size() > maxBytes)
            throw Error(ErrorKind::Input, "the text of " + std::to_string(text.size()) +
                                              " bytes is too long to tokenize at once; cut it below 512 MiB");
        const std::string valid = sanitizeUtf8(text);
        std::vector<TokenId> ids;
        const auto found = [&ids](TokenId id) { ids.push_back(id); };
        const auto encodeNormalized = [&](std::string_view part, bool first) {
            const std::string normalized = normalizer.apply(std::string(part));
            normalizedTokens.scan(
                normalized, special,
                [&](std::string_view plain, bool begins) { encodePlain(plain, first && begins, ids); }, found);
        };
        rawTokens.scan(valid, special, encodeNormalized, found);
        return ids;
    }

    Vocabulary vocabulary;
    Normalizer normalizer;
    PreTokenizer splitter;
    std::unique_ptr<const PieceEncoder> encoder;
    TokenDecoder decoder;
    AddedTokens rawTokens, normalizedTokens; ///< sought before and after normalization
    std::vector<std::string> pieces;         ///< the bytes of each id
    std::vector<TokenId> before, after;
    std::set<TokenId> ends;
};

Tokenizer::Tokenizer(Vocabulary vocabulary)
    : m_impl(std::make_unique<Impl>(std::move(vocabulary)))
{}

Tokenizer::~Tokenizer() = default;

std::vector<TokenId> Tokenizer::encode(std::string_view text, SpecialTokens special) const
{
    if (special == SpecialTokens::Plain)
        return m_impl->encode(text, false);
    std::vector<TokenId> ids = m_impl->encode(text, true);
    ids.insert(ids.begin(), m_impl->before.begin(), m_impl->before.end());
    ids.insert(ids.end(), m_impl->after.begin(), m_impl->after.end());
    return ids;
}

std::vector<TokenId> Tokenizer::encodePart(std::string_view text) const { return m_impl->encode(text, true); }

std::string Tokenizer::answerText(std::span<const TokenId> ids) const
{
    std::string text;
    for (const TokenId id : ids)
        text += contains(id) && !endsGeneration(id) ? piece(id) : std::string();
    return text;
}

std::string Tokenizer::decode(std::span<const TokenId> ids) const
{
    std::vector<std::string> tokens;
    for (const TokenId id : ids) {
        checkId(id);
        if (!m_impl->vocabulary.tokens[id].empty()) // no token has this id
            tokens.push_back(m_impl->vocabulary.tokens[id]);
    }
    return m_impl->decoder.decode(std::move(tokens));
}

std::string Tokenizer::piece(TokenId id) const
{
    checkId(id);
    return m_impl->pieces[id];
}

void Tokenizer::checkId(TokenId id) const
{
    if (!contains(id))
        fail("token id " + std::to_string(id) + " is outside the vocabulary; use ids from 0 to " +
             std::to_string(size() - 1));
}

const Vocabulary &Tokenizer::vocabulary() const noexcept { return m_impl->vocabulary; }

std::size_t Tokenizer::size() const noexcept { return m_impl->pieces.size(); }

bool Tokenizer::contains(TokenId id) const noexcept { return id >= 0 && static_cast<std::size_t>(id) < size(); }

bool Tokenizer::endsGeneration(TokenId id) const noexcept { return m_impl->ends.contains(id); }

} // namespace headkv
