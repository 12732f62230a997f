// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/CaseAttention.h"

#include "core/attention/AttentionObserver.h"
#include "core/base/Memory.h"
#include "core/cache/DenseCache.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"

#include <numeric>

namespace headkv {

namespace {

/// Sums each head's attention over the span.
class SpanObserver : public AttentionObserver
{
public:
    SpanObserver(int heads, const TokenSpan &span, std::vector<float> &mass)
        : m_heads(heads)
        , m_span(span)
        , m_mass(mass)
    {}

    void observe(int layer, std::span<const float> probabilities, std::size_t keys) override
    {
        for (int head = 0; head < m_heads; ++head) {
            const auto row = probabilities.subspan(head * keys, keys).subspan(m_span.begin, m_span.size());
            m_mass[static_cast<std::size_t>(layer) * m_heads + head] =
                static_cast<float>(std::accumulate(row.begin(), row.end(), 0.0));
        }
    }

private:
    int m_heads;
    TokenSpan m_span;
    std::vector<float> &m_mass;
};

void check(const ProbeCase &probeCase, std::span<const TokenId> stepIds)
{
    if (stepIds.empty())
        throw Error(ErrorKind::Usage, "the case has no answer to follow; choose a case that has run");
    if (probeCase.span.begin >= probeCase.span.end || probeCase.span.end >= probeCase.promptIds.size())
        throw Error(ErrorKind::Usage, "the case's span does not lie in its prompt; run the probe again");
}

} // namespace

std::vector<float> CaseAttention::sum() const
{
    std::vector<float> total(static_cast<std::size_t>(layers) * heads);
    for (const std::vector<float> &step : mass) {
        for (std::size_t i = 0; i < total.size(); ++i)
            total[i] += step[i];
    }
    return total;
}

CaseAttention attendCase(std::shared_ptr<const Model> model, const ProbeCase &probeCase,
                         std::span<const TokenId> stepIds, const std::vector<HeadId> &maskedHeads,
                         const JobControl &control)
{
    check(probeCase, stepIds);
    const int layers = model->info().layers;
    const int heads = model->info().queryHeads;
    Transformer transformer(std::move(model));
    transformer.maskHeads(maskedHeads);
    DenseCache cache = transformer.makeCache();
    const std::size_t tokens = probeCase.promptIds.size() + stepIds.size();
    transformer.model().requireCache(tokens * transformer.denseBytesPerToken(),
                                     "a cache of " + std::to_string(tokens) + " tokens", "look at a shorter case");
    cache.reserve(tokens);
    transformer.prefill(std::span(probeCase.promptIds).first(probeCase.promptIds.size() - 1), cache, control);

    CaseAttention result{layers, heads, {stepIds.begin(), stepIds.end()}, {}};
    TokenId last = probeCase.promptIds.back();
    for (const TokenId id : stepIds) {
        control.report({"Following the answer", static_cast<double>(result.mass.size()),
                        static_cast<double>(stepIds.size()), "tokens"});
        SpanObserver observer(heads, probeCase.span,
                              result.mass.emplace_back(static_cast<std::size_t>(layers) * heads));
        (void)transformer.decode(last, cache, &observer, control);
        last = id;
    }
    return result;
}

} // namespace headkv
