// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/ChatFormat.h"
#include "sessions/SharedData.h"

#include <optional>

namespace headkv {

/// What the window knows of the engine's model, for all parts of a session.
struct LoadedModel
{
    InfoPtr info;                         ///< null: none is loaded
    std::optional<ChatFormat> chatFormat; ///< of the user; nothing: the model's own
};

} // namespace headkv
