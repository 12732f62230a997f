// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/ChatFormat.h"

#include <CLI/CLI.hpp>
#include <string>

namespace headkv {

class Model;

/// --system, --chat-prefix and --chat-suffix: what stands around the user's words, where the model's template does not
/// say or should not.
struct ChatOptions
{
    std::string system, prefix, suffix;

    void addTo(CLI::App &command);
    /// The format of the options, else the model's. A model whose template is not understood gets a note on standard
    /// error unless `quiet`.
    [[nodiscard]] ChatFormat formatFor(const Model &model, bool quiet) const;
};

} // namespace headkv
