// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headkv {

using TokenId = std::int32_t;

/// How the pieces of a text become tokens.
enum class TokenAlgorithm {
    MergeRanks,   ///< byte-pair encoding: the adjacent pair whose merge comes first in the list
    MergeScores,  ///< SentencePiece's: the adjacent pair whose joint token has the highest score
    SentencePiece ///< libsentencepiece, by the model that sentencePieceModel holds
};

/// A token that is read out of the text as it stands, before the text is split.
struct AddedToken
{
    TokenId id = -1;
    std::string text;
    bool special = true;     ///< for control: not read out of plain text
    bool normalized = false; ///< sought in the normalized text, by its own normalized form
    bool leftStrip = false;  ///< takes the white space before it
    bool rightStrip = false; ///< and after it
    bool singleWord = false; ///< only where no word character is beside it
    bool inModel = true;     ///< merges and look-ups of whole pieces may give it, too
};

/// A change of text before it is split; also a step of decoding.
struct TextStep
{
    enum class Kind { Prepend, Replace, ReplaceRegex, Strip, Nfc, Nfd, Nfkc, Nfkd };
    Kind kind = Kind::Prepend;
    std::string pattern{};          ///< Replace: what is sought
    std::string content{};          ///< Prepend, Replace: what is put there
    bool left = true, right = true; ///< Strip: which ends
};

/// What becomes of the stretches that a splitter finds.
enum class SplitBehavior { Isolated, Removed, MergedWithPrevious, MergedWithNext, Contiguous };

/// One splitter; each is applied to the pieces of the one before.
struct SplitStep
{
    enum class Kind {
        Text,        ///< finds `pattern` as it stands
        Regex,       ///< finds the expression `pattern`, in Oniguruma's syntax as tokenizers uses it
        PrefixSpace, ///< no split: a piece that does not begin with a space gets one
        Metaspace    ///< no split: spaces become `pattern`, which is also put before pieces as `prepend` says
    };
    enum class Prepend { Always, First, Never };
    Kind kind = Kind::Regex;
    std::string pattern{};
    SplitBehavior behavior = SplitBehavior::Isolated;
    bool invert = false; ///< what lies between the finds counts as found
    Prepend prepend = Prepend::Always;
};

/// One step from the tokens' spellings to text, as tokenizers names them.
struct DecodeStep
{
    enum class Kind { ByteLevel, Replace, ReplaceRegex, ByteFallback, Fuse, Strip, Metaspace };
    Kind kind = Kind::ByteLevel;
    std::string pattern{}; ///< Replace: what is sought; Strip, Metaspace: the character
    std::string content{};
    std::size_t start = 0, stop = 0; ///< Strip: how many at each end
    bool dropsFirst = false;         ///< Metaspace: the first token's are no spaces
};

/// The merges of byte-pair encoding, by rank. All in one text: there are up to millions, of a few bytes each.
class MergeList
{
public:
    struct Merge
    {
        std::string_view left, right;
    };

    MergeList() = default;
    MergeList(std::initializer_list<Merge> merges)
    {
        for (const Merge &merge : merges)
            add(merge);
    }

    void add(const Merge &merge)
    {
        m_text += merge.left;
        const std::size_t middle = m_text.size();
        m_text += merge.right;
        m_ends.push_back({middle, m_text.size()});
    }
    [[nodiscard]] std::size_t size() const { return m_ends.size(); }
    [[nodiscard]] Merge operator[](std::size_t rank) const
    {
        const std::string_view text = m_text;
        const std::size_t start = rank == 0 ? 0 : m_ends[rank - 1][1];
        const auto [middle, end] = m_ends[rank];
        return {text.substr(start, middle - start), text.substr(middle, end - middle)};
    }

private:
    std::string m_text;
    std::vector<std::array<std::size_t, 2>> m_ends; ///< in m_text: of a merge's left and right part
};

/// A tokenizer as data, from whichever file; Tokenizer makes sense of it.
struct Vocabulary
{
    std::string model; ///< tokenizer.ggml.model, where a GGUF file names its kind ("gpt2", "llama"); else empty
    std::string pre;   ///< tokenizer.ggml.pre: the split rule that goes with it, e.g. "smollm"
    bool addSpacePrefix = true; ///< tokenizer.ggml.add_space_prefix; of "llama" only

    TokenAlgorithm algorithm = TokenAlgorithm::MergeRanks;
    bool byteLevel = false;    ///< tokens spell bytes as the printable characters of GPT-2
    bool byteFallback = false; ///< a character without a token becomes the tokens <0x00> … <0xFF> of its bytes
    bool fuseUnknown = false;  ///< adjacent unknown characters are one unknown token
    bool ignoreMerges = false; ///< a piece that is a token is that token, whatever the merges say

    std::vector<std::string> tokens; ///< by id; empty: no token has this id
    std::vector<float> scores;       ///< by id; MergeScores
    MergeList merges;                ///< MergeRanks
    std::vector<AddedToken> added;
    std::string sentencePieceModel; ///< the bytes of tokenizer.model

    std::vector<TextStep> normalizers;
    std::vector<SplitStep> splitters;
    std::vector<DecodeStep> decoders;
    std::optional<std::string> unknownToken; ///< stands for what has no token; nothing: that is dropped
    std::vector<TokenId> before, after;      ///< put around an encoded text

    std::optional<TokenId> bos, eos, eot, unknown, padding;
    std::vector<TokenId> ends;          ///< further tokens that end a generation
    std::optional<bool> addBos, addEos; ///< either given: they say what is put around a text, not `before` and `after`
    std::string chatTemplate;           ///< Jinja text; empty: none
};

} // namespace headkv
