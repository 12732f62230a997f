// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/ScoreCharts.h"

#include <QCoreApplication>

namespace headkv {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("headkv::ScoreCharts", text); }

} // namespace

HeatmapData heatmapData(const HeadScores &scores, const HeadScoreSummary &summary)
{
    HeatmapData data;
    data.layers = scores.layers;
    data.heads = scores.heads;
    data.values = summary.means;
    data.standardErrors = summary.standardErrors;
    data.shares = summary.shares;
    data.ranks = summary.ranks;
    return data;
}

HeatmapData differenceData(const NamedScores &first, const NamedScores &second)
{
    HeatmapData data;
    data.layers = first.scores->layers;
    data.heads = first.scores->heads;
    const std::vector<double> &minuend = first.summary->shares;
    const std::vector<double> &subtrahend = second.summary->shares;
    for (std::size_t i = 0; i < minuend.size(); ++i)
        data.values.push_back(minuend[i] - subtrahend[i]);
    data.valueLabel = tr("Difference of shares");
    for (const NamedScores &set : {first, second}) {
        data.details.push_back({tr("Share in %1").arg(set.name), set.summary->shares});
        data.details.push_back(
            {tr("Rank in %1").arg(set.name), {set.summary->ranks.begin(), set.summary->ranks.end()}});
    }
    return data;
}

ValueRange sharedRange(const std::vector<HeatmapData> &charts, const HeatmapScale &scale)
{
    std::vector<double> all;
    for (const HeatmapData &chart : charts)
        all.insert(all.end(), chart.values.begin(), chart.values.end());
    HeatmapScale own = scale;
    own.fixed.reset();
    return scaleRange(all, own);
}

} // namespace headkv
