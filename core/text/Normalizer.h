// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Regex.h"
#include "core/text/Vocabulary.h"

#include <optional>
#include <string>
#include <vector>

namespace headkv {

/// Changes text before it is split, step by step.
class Normalizer
{
public:
    /// Errors: Input, for an expression that cannot be read.
    explicit Normalizer(const std::vector<TextStep> &steps);

    /// The changed form of valid UTF-8 text. Near-linear time.
    [[nodiscard]] std::string apply(std::string text) const;

private:
    struct Step
    {
        TextStep rule;
        std::optional<Regex> regex;
    };
    std::vector<Step> m_steps;
};

} // namespace headkv
