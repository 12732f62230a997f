// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/RougeL.h"

#include "core/text/PythonText.h"
#include "core/text/Utf8.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace headkv {

namespace {

using WordId = std::size_t;
using Sentence = std::vector<WordId>;

/// Numbers words, equal ones alike.
class WordNumbers
{
public:
    std::vector<Sentence> sentences(std::string_view text)
    {
        const std::u32string characters = toCodePoints(text);
        std::vector<Sentence> result;
        for (std::size_t begin = 0; begin <= characters.size();) {
            const std::size_t end = std::min(characters.find(U'.', begin), characters.size());
            if (end > begin)
                result.push_back(sentence(std::u32string_view(characters).substr(begin, end - begin)));
            begin = end + 1;
        }
        return result;
    }

private:
    Sentence sentence(std::u32string_view text)
    {
        std::vector<std::u32string> words = python::split(text);
        if (words.empty())
            words.emplace_back(); // the package takes a sentence of spaces for one empty word
        Sentence numbers;
        numbers.reserve(words.size());
        for (std::u32string &word : words)
            numbers.push_back(m_numbers.try_emplace(std::move(word), m_numbers.size()).first->second);
        return numbers;
    }

    std::map<std::u32string, WordId> m_numbers;
};

/// The words on a longest common subsequence; of several such, the one that this walk from the end meets.
void addCommonSubsequence(const Sentence &reference, const Sentence &text, std::set<WordId> &words)
{
    const std::size_t columns = text.size() + 1;
    std::vector<std::uint32_t> lengths((reference.size() + 1) * columns);
    for (std::size_t i = 1; i <= reference.size(); ++i) {
        std::uint32_t *row = &lengths[i * columns];
        const std::uint32_t *above = row - columns;
        for (std::size_t j = 1; j < columns; ++j)
            row[j] = reference[i - 1] == text[j - 1] ? above[j - 1] + 1 : std::max(above[j], row[j - 1]);
    }
    for (std::size_t i = reference.size(), j = text.size(); i > 0 && j > 0;) {
        if (reference[i - 1] == text[j - 1]) {
            words.insert(reference[i - 1]);
            --i;
            --j;
        } else if (lengths[(i - 1) * columns + j] > lengths[i * columns + j - 1]) {
            --i;
        } else {
            --j;
        }
    }
}

std::size_t distinctWords(const std::vector<Sentence> &sentences)
{
    std::set<WordId> words;
    for (const Sentence &sentence : sentences)
        words.insert(sentence.begin(), sentence.end());
    return words.size();
}

} // namespace

double rougeL(std::string_view text, std::string_view reference)
{
    WordNumbers numbers;
    const std::vector<Sentence> said = numbers.sentences(text);
    const std::vector<Sentence> right = numbers.sentences(reference);
    if (said.empty() || right.empty())
        return 0;
    std::set<WordId> shared;
    for (const Sentence &sentence : right) {
        for (const Sentence &other : said)
            addCommonSubsequence(sentence, other, shared);
    }
    const auto common = static_cast<double>(shared.size());
    const double recall = common / static_cast<double>(distinctWords(right));
    const double precision = common / static_cast<double>(distinctWords(said));
    return 2 * (precision * recall / (precision + recall + 1e-8));
}

} // namespace headkv
