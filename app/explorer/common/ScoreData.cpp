// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/ScoreData.h"

#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace headkv {

namespace {

/// The set that the session's last probe made, or −1.
int lastProbeSet(const Session &session)
{
    const auto &sets = session.scores().sets();
    for (int i = static_cast<int>(sets.size()) - 1; i >= 0; --i) {
        if (sets[i].origin == QLatin1String("probe"))
            return i;
    }
    return -1;
}

} // namespace

std::optional<HeadByCase> scoresByCase(const Session &session, int scoreSet, HeadCell head, int groupSize)
{
    const ProbeSession &probe = session.probe();
    const SettingsPtr &settings = probe.settings();
    const CasesPtr &cases = probe.cases();
    if (!settings || !cases || scoreSet < 0 || scoreSet != lastProbeSet(session) ||
        session.activity() == Session::Activity::Probing)
        return std::nullopt;
    const HeadScores &scores = *session.scores().sets()[scoreSet].scores;
    HeadByCase result{settings->lengths, settings->depths, {}};
    const std::size_t cells = result.lengths.size() * result.depths.size();
    std::vector<int> counts(cells, 0);
    result.means.assign(cells, 0);
    for (const auto &done : probe.results()) {
        const ProbeCase &probeCase = (*cases)[done->index];
        if (!done->passed || done->scores.size() != scores.headCount())
            continue;
        const std::size_t cell = probeCase.lengthIndex * result.depths.size() + probeCase.depthIndex;
        const auto first = done->scores.begin() + static_cast<std::ptrdiff_t>(scores.index(head.layer, 0)) +
                           std::ptrdiff_t{head.head} * groupSize;
        result.means[cell] += std::accumulate(first, first + groupSize, 0.0) / groupSize;
        ++counts[cell];
    }
    for (std::size_t cell = 0; cell < cells; ++cell)
        result.means[cell] =
            counts[cell] > 0 ? result.means[cell] / counts[cell] : std::numeric_limits<double>::quiet_NaN();
    return result;
}

std::optional<int> answerTokens(const Session &session, int scoreSet)
{
    const ProbeSession &probe = session.probe();
    const SettingsPtr &settings = probe.settings();
    const CasesPtr &cases = probe.cases();
    if (!settings || !cases || cases->empty() || settings->kind == ProbeKind::Retrieval || scoreSet < 0 ||
        scoreSet != lastProbeSet(session) || session.activity() == Session::Activity::Probing)
        return {};
    std::vector<int> tokens;
    for (const ProbeCase &one : *cases)
        tokens.push_back(static_cast<int>(one.span.size()));
    const auto middle = tokens.begin() + static_cast<std::ptrdiff_t>(tokens.size() / 2);
    std::nth_element(tokens.begin(), middle, tokens.end());
    return *middle;
}

} // namespace headkv
