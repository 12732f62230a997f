// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/TextMetrics.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <vector>

namespace headkv {

namespace {

bool isAscii(char byte) { return static_cast<unsigned char>(byte) < 0x80; }
bool isWordByte(char byte) { return !isAscii(byte) || std::isalnum(static_cast<unsigned char>(byte)); }
char toLower(char byte)
{
    return isAscii(byte) ? static_cast<char>(std::tolower(static_cast<unsigned char>(byte))) : byte;
}

/// Maximal runs of bytes that satisfy the predicate, in ASCII lower case.
template <typename Predicate>
std::vector<std::string> runs(std::string_view text, Predicate belongs)
{
    std::vector<std::string> words(1);
    for (const char byte : text) {
        if (belongs(byte))
            words.back() += toLower(byte);
        else if (!words.back().empty())
            words.emplace_back();
    }
    if (words.back().empty())
        words.pop_back();
    return words;
}

/// SQuAD's normalisation: lower case, punctuation dropped (not replaced: "it's" becomes "its"), articles dropped, white
/// space splits.
std::vector<std::string> answerTokens(std::string_view text)
{
    std::string kept;
    std::ranges::copy_if(text, std::back_inserter(kept),
                         [](char byte) { return !isAscii(byte) || !std::ispunct(static_cast<unsigned char>(byte)); });
    std::vector<std::string> words =
        runs(kept, [](char byte) { return !isAscii(byte) || !std::isspace(static_cast<unsigned char>(byte)); });
    std::erase_if(words, [](const std::string &word) { return word == "a" || word == "an" || word == "the"; });
    return words;
}

/// Words in common, each as often as both have it.
std::size_t overlap(const std::vector<std::string> &a, const std::vector<std::string> &b)
{
    std::map<std::string_view, std::size_t> counts;
    for (const std::string &word : a)
        ++counts[word];
    return static_cast<std::size_t>(std::ranges::count_if(b, [&](const std::string &word) {
        const auto found = counts.find(word);
        return found != counts.end() && found->second > 0 && found->second-- > 0;
    }));
}

} // namespace

double rouge1Recall(std::string_view text, std::string_view reference)
{
    const std::vector<std::string> words = runs(reference, isWordByte);
    return words.empty() ? 0
                         : 100.0 * static_cast<double>(overlap(runs(text, isWordByte), words)) /
                               static_cast<double>(words.size());
}

double tokenF1(std::string_view text, std::string_view reference)
{
    const std::vector<std::string> actual = answerTokens(text);
    const std::vector<std::string> expected = answerTokens(reference);
    const auto shared = static_cast<double>(overlap(actual, expected));
    return shared == 0 ? 0 : 100.0 * 2 * shared / static_cast<double>(actual.size() + expected.size());
}

} // namespace headkv
