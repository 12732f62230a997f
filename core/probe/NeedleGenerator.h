// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"

#include <cstdint>
#include <vector>

namespace headkv {

enum class AnswerLength {
    Short, ///< 5 to 8 words
    Long   ///< 15 words or more, so as many tokens at least
};

/// What needles to make.
struct NeedleRecipe
{
    ProbeKind kind = ProbeKind::Reasoning; ///< Retrieval and Enhanced have the same needles
    int count = 16;                        ///< needles, 1…mostNeedles
    std::uint64_t seed = 0;
    AnswerLength answer = AnswerLength::Short;
    bool reverses = true; ///< Reasoning: each needle again with the question whose answer is the other one
    bool swaps = true;    ///< Reasoning: and again with its two answers in the other order

    static constexpr int mostNeedles = 10000;

    /// Needles that are told of one story and stand behind one another: 4, 2 or 1. A count that is not a multiple of it
    /// cuts the last story short.
    [[nodiscard]] int groupSize() const;
};

/// Needles from the program's templates (resources/needles/templates.json): the same recipe gives the same needles on
/// every machine. A reasoning needle is a step (who has which trait), the wrong answer and the correct one; the
/// question names one end of the step and the answers the other, so only the step leads from one to the other. The two
/// answers share so few words (token F1 at most 40) that the wrong one does not pass the filter. No two needles of a
/// list with the same question are alike. Errors: Usage, for a count out of range.
[[nodiscard]] std::vector<Needle> generateNeedles(const NeedleRecipe &recipe);

} // namespace headkv
