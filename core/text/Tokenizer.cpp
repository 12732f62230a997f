// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/Tokenizer.h"

#include "core/base/Error.h"
#include "core/text/BytePairEncoder.h"
#include "core/text/PreTokenizer.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <array>
#include <set>

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

/// Tokens that are read out of the text as they stand, before it is split.
class AddedTokens
{
public:
    void add(const std::string &text, TokenId id)
    {
        if (!text.empty())
            m_byFirstByte[static_cast<unsigned char>(text[0])].push_back({text, id});
    }

    /// Longest first, so that the first that fits is the longest.
    void sort()
    {
        for (auto &entries : m_byFirstByte)
            std::ranges::stable_sort(entries,
                                     [](const Entry &a, const Entry &b) { return a.text.size() > b.text.size(); });
    }

    struct Match
    {
        std::size_t begin, end;
        TokenId id;
    };

    /// The leftmost, then longest, at or after `from`; begin is npos where there is none.
    [[nodiscard]] Match findFrom(std::string_view text, std::size_t from) const
    {
        for (std::size_t at = from; at < text.size(); ++at) {
            for (const Entry &entry : m_byFirstByte[static_cast<unsigned char>(text[at])]) {
                if (text.substr(at).starts_with(entry.text))
                    return {at, at + entry.text.size(), entry.id};
            }
        }
        return {std::string_view::npos, text.size(), 0};
    }

private:
    struct Entry
    {
        std::string text;
        TokenId id;
    };
    std::array<std::vector<Entry>, 256> m_byFirstByte;
};

/// Control tokens that end a turn in the chat formats of the known families.
const std::set<std::string, std::less<>> turnEnds{
    "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>",
    "<|end|>",    "<end_of_turn>", "</s>",       "<EOT>"};

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
            const bool added = type == TokenType::UserDefined;
            const bool special = type == TokenType::Control;
            if (added)
                plainTokens.add(vocabulary.tokens[i], id);
            if (added || special)
                allTokens.add(vocabulary.tokens[i], id);
            if (special && turnEnds.contains(vocabulary.tokens[i]))
                ends.insert(id);
            auto bytes = added || special ? std::nullopt : decodeByteSpelling(vocabulary.tokens[i]);
            pieces.push_back(bytes ? std::move(*bytes) : vocabulary.tokens[i]);
        }
        plainTokens.sort();
        allTokens.sort();
        for (const auto &id : {vocabulary.eos, vocabulary.eot}) {
            if (id)
                ends.insert(*id);
        }
    }

    void encodePlain(std::string_view text, std::vector<TokenId> &ids) const
    {
        for (const std::string_view piece : splitter.split(text)) {
            const auto whole = splitter.ignoresMerges() ? encoder.find(piece) : std::nullopt;
            if (whole)
                ids.push_back(*whole);
            else
                encoder.encode(piece, ids);
        }
    }

    [[nodiscard]] std::vector<TokenId> encode(std::string_view text, const AddedTokens &added) const
    {
        const std::string valid = sanitizeUtf8(text);
        const std::string_view view = valid;
        std::vector<TokenId> ids;
        for (std::size_t at = 0; at < view.size();) {
            const AddedTokens::Match match = added.findFrom(view, at);
            const bool found = match.begin != std::string_view::npos;
            encodePlain(view.substr(at, found ? match.begin - at : std::string_view::npos), ids);
            if (found)
                ids.push_back(match.id);
            at = match.end;
        }
        return ids;
    }

    Vocabulary vocabulary;
    PreTokenizer splitter;
    BytePairEncoder encoder;
    AddedTokens allTokens;   ///< control and user-defined
    AddedTokens plainTokens; ///< user-defined: ordinary text to the model, whatever the caller thinks of special tokens
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
    if (id < 0 || static_cast<std::size_t>(id) >= size())
        fail("token id " + std::to_string(id) + " is outside the vocabulary; use ids from 0 to " +
             std::to_string(size() - 1));
    return m_impl->pieces[id];
}

const Vocabulary &Tokenizer::vocabulary() const noexcept { return m_impl->vocabulary; }

std::size_t Tokenizer::size() const noexcept { return m_impl->pieces.size(); }

bool Tokenizer::endsGeneration(TokenId id) const noexcept { return m_impl->ends.contains(id); }

} // namespace headkv
