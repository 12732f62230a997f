// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/TextMetrics.h"

#include "core/text/PythonText.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace headkv {

namespace {

using Word = std::u32string;

bool isBetween(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

bool isAsciiAlphanumeric(char32_t c)
{
    return isBetween(c, U'a', U'z') || isBetween(c, U'A', U'Z') || isBetween(c, U'0', U'9');
}

/// Punctuation, symbols and controls beyond ASCII, of the blocks that the header names. The joiners U+200C and U+200D
/// stand inside words.
bool isPunctuationBeyondAscii(char32_t c)
{
    if (isBetween(c, 0x80, 0xBF)) // but not ª ² ³ µ ¹ º ¼ ½ ¾
        return Word(U"\u00AA\u00B2\u00B3\u00B5\u00B9\u00BA\u00BC\u00BD\u00BE").find(c) == Word::npos;
    return c == 0xD7 || c == 0xF7 || (isBetween(c, 0x2000, 0x206F) && c != 0x200C && c != 0x200D) ||
           isBetween(c, 0x3001, 0x3003) || isBetween(c, 0x3008, 0x3011) || isBetween(c, 0x3014, 0x301F) ||
           isBetween(c, 0xFF01, 0xFF0F) || isBetween(c, 0xFF1A, 0xFF20);
}

bool isWordCharacter(char32_t c)
{
    return c < 0x80 ? isAsciiAlphanumeric(c) : !python::isSpace(c) && !isPunctuationBeyondAscii(c);
}

Word lowerCase(std::string_view text)
{
    Word lower = toCodePoints(text);
    for (char32_t &c : lower)
        c = isBetween(c, U'A', U'Z') ? c - U'A' + U'a' : c;
    return lower;
}

/// Maximal runs of a word's characters.
std::vector<Word> runs(const Word &text)
{
    std::vector<Word> words(1);
    for (const char32_t c : text) {
        if (isWordCharacter(c))
            words.back() += c;
        else if (!words.back().empty())
            words.emplace_back();
    }
    if (words.back().empty())
        words.pop_back();
    return words;
}

/// The text without the articles, wherever one stands between characters that belong to no word (\b of Python's re).
Word withoutArticles(const Word &text)
{
    Word result;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = begin;
        while (end < text.size() && python::isWord(text[end]))
            ++end;
        const Word word = text.substr(begin, end - begin);
        result += word == U"a" || word == U"an" || word == U"the" ? Word(U" ") : word;
        if (end < text.size())
            result += text[end++];
        begin = end;
    }
    return result;
}

/// SQuAD's normalisation: lower case, punctuation dropped (not replaced: "it's" becomes "its"), then articles, then
/// white space splits.
std::vector<Word> answerTokens(std::string_view text)
{
    Word kept = python::lower(toCodePoints(text));
    std::erase_if(kept, [](char32_t c) { return isBetween(c, U'!', U'~') && !isAsciiAlphanumeric(c); });
    return python::split(withoutArticles(kept));
}

/// Words in common, each as often as both have it.
double overlap(const std::vector<Word> &a, const std::vector<Word> &b)
{
    std::map<Word, int> counts;
    for (const Word &word : a)
        ++counts[word];
    return static_cast<double>(std::ranges::count_if(b, [&](const Word &word) {
        const auto found = counts.find(word);
        return found != counts.end() && found->second > 0 && found->second-- > 0;
    }));
}

} // namespace

double rouge1Recall(std::string_view text, std::string_view reference)
{
    const std::vector<Word> words = runs(lowerCase(reference));
    if (words.empty())
        return 0;
    return 100 * overlap(runs(lowerCase(text)), words) / static_cast<double>(words.size());
}

double tokenF1(std::string_view text, std::string_view reference)
{
    const std::vector<Word> actual = answerTokens(text);
    const std::vector<Word> expected = answerTokens(reference);
    const double shared = overlap(actual, expected);
    // 2PR/(P + R) with P = shared/actual and R = shared/expected.
    return shared == 0 ? 0 : 100 * 2 * shared / static_cast<double>(actual.size() + expected.size());
}

} // namespace headkv
