// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/Family.h"

#include <algorithm>
#include <array>

namespace headkv {

namespace {

constexpr auto Silu = Activation::Silu;
constexpr auto GeluTanh = Activation::GeluTanh;

// In GGUF, Mistral goes by the name of llama.
constexpr std::array<Family, 8> families{{
    {"llama", "llama", true, WindowPattern::None, 0, 0, Silu, false, 0},
    {"mistral", "llama", true, WindowPattern::Every, 0, 0, Silu, false, 0},
    {"qwen2", "qwen2", false, WindowPattern::FromLayer, 0, 0, Silu, false, 0},
    {"qwen3", "qwen3", false, WindowPattern::FromLayer, 0, 0, Silu, false, 0},
    {"smollm3", "smollm3", true, WindowPattern::WithoutRope, 0, 4, Silu, false, 0},
    {"phi3", "phi3", false, WindowPattern::Every, 0, 0, Silu, false, 0},
    {"gemma2", "gemma2", false, WindowPattern::AllButNth, 2, 0, GeluTanh, true, 1},
    {"gemma3_text", "gemma3", false, WindowPattern::AllButNth, 6, 0, GeluTanh, true, 1},
}};

const Family *find(std::string_view name, const char *Family::*key)
{
    const auto *found = std::ranges::find(families, name, [key](const Family &family) { return family.*key; });
    return found == families.end() ? nullptr : found;
}

std::string list(const char *Family::*key)
{
    std::string names;
    std::string last;
    for (const Family &family : families) {
        if (last != family.*key)
            names += (names.empty() ? "" : ", ") + std::string(family.*key);
        last = family.*key;
    }
    return names;
}

} // namespace

const Family *findFamily(std::string_view modelType) { return find(modelType, &Family::name); }

const Family *findFamilyOfGguf(std::string_view architecture) { return find(architecture, &Family::ggufArchitecture); }

std::string knownFamilies() { return list(&Family::name); }

std::string knownGgufArchitectures() { return list(&Family::ggufArchitecture); }

} // namespace headkv
