// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/BudgetReport.h"

#include "core/compression/CompressionMethod.h"

#include <cstddef>
#include <nlohmann/json.hpp>

namespace headkv {

using Json = nlohmann::ordered_json;

namespace {

Json rowsOf(const HeadBudgets &budgets)
{
    Json rows = Json::array();
    for (int layer = 0; layer < budgets.layers; ++layer) {
        const auto first = budgets.capacities.begin() + std::ptrdiff_t{layer} * budgets.lists;
        rows.push_back(std::vector<std::int64_t>(first, first + budgets.lists));
    }
    return rows;
}

} // namespace

Json describe(const CompressionSettings &settings, int window)
{
    const MethodInfo &info = compressionMethod(settings.method);
    Json document = Json::object();
    const auto add = [&](bool applies, const char *key, auto value) { document[key] = applies ? Json(value) : Json(); };
    add(info.hasBudget, "budget", settings.budget);
    add(info.hasBudget, "window", window);
    add(info.beta > 0, "beta", settings.beta.value_or(info.beta));
    document["granularity"] = toString(granularityOf(settings));
    add(info.hasWindow, "kernel", settings.kernel);
    add(info.hasWindow, "pooling", toString(settings.pooling));
    add(info.hasSinks, "sinks", settings.sinks);
    add(settings.method == "ada-snapkv", "floor_alpha", settings.floorAlpha);
    add(settings.method == "razor", "retrieval_share", settings.retrievalShare);
    add(settings.method == "headkv", "redistribute", settings.redistribute);
    return document;
}

Json describe(const CompressionSettings &settings, const HeadBudgets &budgets, const BudgetTarget &target,
              std::optional<std::int64_t> promptTokens)
{
    const Concentration unequal = concentration(budgets);
    Json document{{"method", settings.method}};
    document.update(describe(settings, budgets.window));
    document["layers"] = budgets.layers;
    document["heads"] = target.shape.queryHeads;
    document["kv_heads"] = target.shape.kvHeads;
    document["capacities"] = rowsOf(budgets);
    document["total"] = budgets.total();
    document["nominal_total"] = budgets.nominalTotal;
    document["gini"] = unequal.gini;
    document["largest"] = unequal.largest;
    document["smallest"] = unequal.smallest;
    document["prompt_length"] = promptTokens ? Json(*promptTokens) : Json();
    const std::int64_t unbounded =
        budgets.total() + static_cast<std::int64_t>(budgets.capacities.size()) * budgets.window;
    const std::int64_t entries = promptTokens ? budgets.totalEntries(*promptTokens) : unbounded;
    const std::uint64_t full =
        promptTokens ? std::uint64_t(*promptTokens) * target.shape.layers * target.shape.kvHeads : 0;
    document["entries"] = entries;
    document["kv_bytes"] = target.bytesPerEntry ? Json(entries * target.bytesPerEntry) : Json();
    document["full_kv_bytes"] = target.bytesPerEntry && full ? Json(full * target.bytesPerEntry) : Json();
    document["share_of_full"] = full ? Json(static_cast<double>(entries) / static_cast<double>(full)) : Json();
    return document;
}

} // namespace headkv
