// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Regex.h"
#include "core/text/Vocabulary.h"

#include <optional>
#include <string>
#include <vector>

namespace headkv {

/// From the tokens' spellings back to text.
class TokenDecoder
{
public:
    /// Errors: Input, for an expression that cannot be read.
    explicit TokenDecoder(const std::vector<DecodeStep> &steps);

    /// The text of a whole list of tokens, as tokenizers decodes it: always valid UTF-8.
    [[nodiscard]] std::string decode(std::vector<std::string> tokens) const;
    /// The bytes that one token stands for among others: nothing is stripped.
    [[nodiscard]] std::string piece(const std::string &token) const;

private:
    struct Step
    {
        DecodeStep rule;
        std::optional<Regex> regex;
    };
    std::vector<Step> m_steps;
};

} // namespace headkv
