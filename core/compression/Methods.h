// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/CompressionMethod.h"

namespace headkv {

// One function a method, defined in the file of its name; CompressionMethods.cpp lists them.
[[nodiscard]] MethodInfo fullKv();
[[nodiscard]] MethodInfo streamingLlm();
[[nodiscard]] MethodInfo h2o();
[[nodiscard]] MethodInfo snapKv();
[[nodiscard]] MethodInfo pyramidKv();
[[nodiscard]] MethodInfo adaSnapKv();
[[nodiscard]] MethodInfo razorAttention();
[[nodiscard]] MethodInfo headKv();

template <typename Method>
std::unique_ptr<CompressionMethod> makeMethod(const HeadShape &shape, const CompressionSettings &settings)
{
    return std::make_unique<Method>(shape, settings);
}

/// What a list without a bound holds of a prompt: n − w. Errors: Usage, without a prompt.
[[nodiscard]] std::int64_t everythingOf(std::optional<std::int64_t> promptTokens, int window, std::string_view method);

} // namespace headkv
