// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/Vocabulary.h"

#include <span>

namespace headkv {

class AttentionObserver;
class KvCache;

/// Tokens that follow one another behind what a cache holds.
struct TokenRun
{
    std::span<const TokenId> ids;
    KvCache *cache = nullptr;
    std::span<AttentionObserver *const> observers; ///< of each token; empty: nobody looks
};

} // namespace headkv
