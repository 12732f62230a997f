// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/ProbeSettings.h"

#include <array>
#include <charconv>
#include <utility>

namespace headkv {

namespace {

constexpr std::array<std::pair<ProbeKind, std::string_view>, 3> kindNames{
    {{ProbeKind::Retrieval, "retrieval"}, {ProbeKind::Enhanced, "enhanced"}, {ProbeKind::Reasoning, "reasoning"}}};
constexpr std::array<std::pair<ProbeScoring, std::string_view>, 2> scoringNames{
    {{ProbeScoring::Generated, "generated"}, {ProbeScoring::Forced, "forced"}}};
constexpr std::array<std::pair<ProbeFilter::Metric, std::string_view>, 2> metricNames{
    {{ProbeFilter::Metric::TokenF1, "f1"}, {ProbeFilter::Metric::Rouge1Recall, "rouge1"}}};

template <typename Names, typename Value>
std::string nameOf(const Names &names, Value value)
{
    for (const auto &[item, name] : names) {
        if (item == value)
            return std::string(name);
    }
    return {};
}

template <typename Names>
auto valueOf(const Names &names, std::string_view text) -> std::optional<decltype(names.front().first)>
{
    for (const auto &[value, name] : names) {
        if (name == text)
            return value;
    }
    return std::nullopt;
}

} // namespace

std::string toString(ProbeKind kind) { return nameOf(kindNames, kind); }
std::optional<ProbeKind> probeKindFrom(std::string_view text) { return valueOf(kindNames, text); }

std::string toString(ProbeScoring scoring) { return nameOf(scoringNames, scoring); }
std::optional<ProbeScoring> probeScoringFrom(std::string_view text) { return valueOf(scoringNames, text); }

bool ProbeFilter::passes(double f1, double rouge1Recall) const
{
    switch (metric) {
    case Metric::TokenF1:
        return f1 > threshold;
    case Metric::Rouge1Recall:
        return rouge1Recall > threshold;
    case Metric::None:
        break;
    }
    return true;
}

ProbeFilter defaultFilter(ProbeKind kind)
{
    return {kind == ProbeKind::Reasoning ? ProbeFilter::Metric::TokenF1 : ProbeFilter::Metric::Rouge1Recall, 50};
}

std::string toString(const ProbeFilter &filter)
{
    for (const auto &[metric, name] : metricNames) {
        if (metric != filter.metric)
            continue;
        std::array<char, 32> number{};
        const auto end = std::to_chars(number.data(), number.data() + number.size(), filter.threshold).ptr;
        return std::string(name) + ":" + std::string(number.data(), end);
    }
    return "none";
}

std::optional<ProbeFilter> probeFilterFrom(std::string_view text)
{
    if (text == "none")
        return ProbeFilter{ProbeFilter::Metric::None, 0};
    for (const auto &[metric, name] : metricNames) {
        if (!text.starts_with(name) || text.substr(name.size(), 1) != ":")
            continue;
        const std::string_view number = text.substr(name.size() + 1);
        ProbeFilter filter{metric, 0};
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), filter.threshold);
        if (error == std::errc() && end == number.data() + number.size() && filter.threshold >= 0 &&
            filter.threshold <= 100)
            return filter;
    }
    return std::nullopt;
}

std::vector<int> evenLengths(int count, int maxLength)
{
    std::vector<int> lengths;
    for (int i = 1; i <= count; ++i)
        lengths.push_back(static_cast<int>(static_cast<long long>(maxLength) * i / count));
    return lengths;
}

std::vector<double> evenDepths(int count)
{
    if (count == 1)
        return {0.5};
    std::vector<double> depths;
    for (int i = 0; i < count; ++i)
        depths.push_back(static_cast<double>(i) / (count - 1));
    return depths;
}

} // namespace headkv
