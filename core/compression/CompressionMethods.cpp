// SPDX-License-Identifier: GPL-3.0-or-later
// The list of methods, and the checks of their settings.
#include "core/base/Error.h"
#include "core/compression/Methods.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace headkv {

namespace {

[[noreturn]] void fail(const std::string &message) { throw Error(ErrorKind::Usage, message); }

void checkBudget(const CompressionSettings &settings, const MethodInfo &method, bool automatic)
{
    const int window = *settings.window;
    if (window < 1)
        fail("a window of " + std::to_string(window) + " tokens has no meaning; use at least 1");
    if (!method.hasBudget)
        return;
    if (settings.budget < window)
        fail("a budget of " + std::to_string(settings.budget) + " tokens is below the observation window of " +
             std::to_string(window) + (automatic ? " (auto)" : "") +
             ", which is always kept; use a budget of at least " + std::to_string(window) + " or a smaller window");
    if (method.hasSinks && (settings.sinks < 0 || settings.budget <= settings.sinks))
        fail("a budget of " + std::to_string(settings.budget) + " tokens leaves no room beside " +
             std::to_string(settings.sinks) + " sinks; use a larger budget or fewer sinks");
}

void checkNumbers(const CompressionSettings &settings, const MethodInfo &method)
{
    if (settings.kernel < 1 || settings.kernel % 2 == 0)
        fail("a kernel of " + std::to_string(settings.kernel) + " has no centre; use an odd number");
    if (!(settings.floorAlpha >= 0 && settings.floorAlpha <= 1))
        fail("a floor α of " + std::to_string(settings.floorAlpha) + " has no meaning; use 0 to 1");
    if (!(settings.retrievalShare >= 0 && settings.retrievalShare <= 1))
        fail("a share of " + std::to_string(settings.retrievalShare) + " of the heads has no meaning; use 0 to 1");
    if (method.beta == 0)
        return;
    const double beta = *settings.beta;
    if (!(method.betaAboveLeast ? beta > method.leastBeta : beta >= method.leastBeta))
        fail("a β of " + std::to_string(beta) + " has no meaning for " + std::string(method.id) + "; use " +
             (method.betaAboveLeast ? "more than " : "at least ") + std::to_string(static_cast<int>(method.leastBeta)));
}

void checkImportance(const CompressionSettings &settings, const MethodInfo &method, const HeadShape &shape)
{
    if (!method.hasScores)
        return;
    if (settings.importance.empty())
        fail("method " + std::string(method.id) + " needs the importance of heads; give a score file");
    if (settings.importance.size() != static_cast<std::size_t>(shape.layers) * shape.queryHeads)
        fail("the scores are of " + std::to_string(settings.importance.size()) + " heads, the model has " +
             std::to_string(shape.layers) + " × " + std::to_string(shape.queryHeads));
    if (!std::ranges::all_of(settings.importance, [](double value) { return std::isfinite(value) && value >= 0; }))
        fail("an importance of a head is negative or not finite");
    if (std::accumulate(settings.importance.begin(), settings.importance.end(), 0.0) <= 0)
        fail("all heads of the score set have a score of 0, so it says nothing of their importance");
}

} // namespace

std::span<const MethodInfo> compressionMethods()
{
    static const std::array methods{fullKv(),    streamingLlm(),   h2o(),   snapKv(), pyramidKv(),
                                    adaSnapKv(), razorAttention(), headKv()};
    return methods;
}

const MethodInfo &compressionMethod(std::string_view id)
{
    const auto methods = compressionMethods();
    const auto found = std::ranges::find(methods, id, &MethodInfo::id);
    if (found != methods.end())
        return *found;
    std::string known;
    for (const MethodInfo &method : methods)
        known += (known.empty() ? "" : ", ") + std::string(method.id);
    fail("there is no method \"" + std::string(id) + "\"; use one of " + known);
}

Granularity granularityOf(const CompressionSettings &settings)
{
    const bool differ = compressionMethod(settings.method).hasBudget;
    return settings.granularity.value_or(differ ? Granularity::QueryHead : Granularity::KvHead);
}

std::unique_ptr<CompressionMethod> makeCompressionMethod(const HeadShape &shape, const CompressionSettings &settings,
                                                         int automatic)
{
    const MethodInfo &method = compressionMethod(settings.method);
    CompressionSettings complete = settings;
    complete.granularity = granularityOf(settings);
    complete.window = settings.window.value_or(method.hasWindow ? automatic : publishedWindow);
    if (!method.hasWindow && method.hasBudget) // it scores nothing, so it need not stand in a small budget's way
        complete.window = std::clamp(*complete.window, 1, settings.budget);
    if (!settings.beta)
        complete.beta = method.beta;
    checkBudget(complete, method, !settings.window);
    checkNumbers(complete, method);
    checkImportance(complete, method, shape);
    return method.make(shape, complete);
}

std::int64_t everythingOf(std::optional<std::int64_t> promptTokens, int window, std::string_view method)
{
    if (!promptTokens)
        fail("how much method " + std::string(method) + " keeps depends on the prompt; give its length");
    return std::max<std::int64_t>(*promptTokens - window, 0);
}

} // namespace headkv
