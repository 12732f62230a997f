// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Regex.h"
#include "core/text/Vocabulary.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headkv {

/// The pieces of a text, in order; they view the text, or the changed copies that are held here.
struct Pieces
{
    std::vector<std::string_view> list;
    std::deque<std::string> changed; ///< a deque: what has been put in does not move
};

/// Splits text into the pieces that merges never cross.
class PreTokenizer
{
public:
    /// Errors: Input, for an expression that cannot be read.
    explicit PreTokenizer(const std::vector<SplitStep> &steps);

    /// The pieces of valid UTF-8 text, never an empty one. `first`: it is the very beginning of what is encoded. Linear
    /// time for the published rules.
    [[nodiscard]] Pieces split(std::string_view text, bool first = true) const;

private:
    struct Step
    {
        SplitStep rule;
        std::optional<Regex> regex;
    };
    std::vector<Step> m_steps;
};

} // namespace headkv
