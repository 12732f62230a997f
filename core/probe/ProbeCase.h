// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"
#include "core/text/Vocabulary.h"

#include <cstddef>
#include <string>
#include <vector>

namespace headkv {

/// The needle tokens that carry the answer, as positions in the prompt: [begin, end).
struct TokenSpan
{
    std::size_t begin = 0;
    std::size_t end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
    bool operator==(const TokenSpan &) const = default;
};

/// One prompt of a probe: a haystack of a length with a needle at a depth, and a question.
struct ProbeCase
{
    std::size_t needleIndex = 0, lengthIndex = 0, depthIndex = 0; ///< into ProbeSettings' lists
    int length = 0;
    double depth = 0;
    std::vector<TokenId> promptIds;
    TokenSpan span;
    std::vector<TokenId> answerIds; ///< the answer tokenised by itself
    TokenSpan needle;               ///< all of the needle's tokens; empty where they are not known
};

/// What became of a case.
struct ProbeCaseResult
{
    std::size_t index = 0;           ///< in case order: needle, then length, then depth
    std::vector<TokenId> emittedIds; ///< with an emitted end-of-sequence token; forced: the likeliest at each step
    std::string text;                ///< without it
    double f1 = 0;                   ///< 0…100
    double rouge1Recall = 0;         ///< 0…100
    bool passed = false;
    double seconds = 0;
    std::vector<double> scores; ///< [layers·heads], layer-major
};

/// Sums over a run.
struct ProbeTotals
{
    std::size_t cases = 0;  ///< finished
    std::size_t passed = 0; ///< of these
    double seconds = 0;
    std::size_t prefillTokens = 0; ///< computed
    std::size_t reusedTokens = 0;  ///< taken from the cache of an earlier case
};

} // namespace headkv
