// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/CompressionMethod.h"
#include "core/probe/HeadScores.h"

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace headkv {

/// auto, or a number of tokens.
[[nodiscard]] CLI::Validator windowSize();

/// The options that say how the cache is kept: method, budget and what the method lets one set.
struct CompressionOptions
{
    std::string method = "full";
    std::optional<int> budget;
    std::string window = "auto", pooling = "max";
    std::string granularity; ///< empty: the method's own
    std::optional<double> beta;
    CompressionSettings values; ///< those that need no translation

    /// All but the method's scores, which commands name differently.
    void addTo(CLI::App &command, bool selectsTokens);
    /// Errors: Usage, for what can be refused without a model: an unknown method, no budget or scores where it needs
    /// them.
    [[nodiscard]] CompressionSettings settings(bool haveScores) const;
    /// Adds the importance of heads by the scores of a file. Errors: Input, where they are not those of such a model.
    static void takeImportance(CompressionSettings &settings, const HeadScores &scores, const HeadShape &shape,
                               const std::string &source);
};

} // namespace headkv
