// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/LaneNames.h"

#include "app/explorer/common/FormHelpers.h"
#include "core/compression/CompressionMethod.h"
#include "sessions/LaneText.h"

#include <QHash>
#include <QSet>
#include <numeric>

namespace headkv {

std::vector<LaneName> laneNames(const std::vector<Lane> &lanes)
{
    QHash<QString, int> methods;
    for (const Lane &lane : lanes)
        ++methods[QString::fromStdString(lane.settings.compression.method)];
    QStringList free;
    for (const MethodInfo &info : compressionMethods()) {
        const QString id = textOf(info.id);
        if (!methods.contains(id))
            free.append(id);
    }
    QSet<QString> taken, titles;
    std::vector<LaneName> names;
    for (const Lane &lane : lanes) {
        LaneName name{laneTitle(lane.settings), {}, QString::fromStdString(lane.settings.compression.method)};
        const bool alone = methods[name.method] == 1;
        if (taken.contains(name.method) && !free.isEmpty())
            name.method = free.takeLast(); // the strongest colours stand last
        taken.insert(name.method);
        const QString plain = name.title;
        for (int twin = 2; titles.contains(name.title); ++twin)
            name.title = QStringLiteral("%1 (%2)").arg(plain).arg(twin);
        titles.insert(name.title);
        name.brief = alone ? methodName(lane.settings.compression.method) : name.title;
        names.push_back(name);
    }
    return names;
}

double decodingSeconds(const Lane &lane)
{
    const RunMetrics &metrics = lane.report.generation.metrics;
    const std::vector<double> &times = metrics.perTokenMilliseconds;
    if (lane.state != LaneState::Decoding || times.size() < 2)
        return metrics.decodeSeconds;
    return std::accumulate(times.begin() + 1, times.end(), 0.0) / 1000;
}

std::size_t contextUsed(const Lane &lane)
{
    const Generation &generation = lane.report.generation;
    const bool runs = lane.state == LaneState::Prefilling || lane.state == LaneState::Decoding;
    if (!runs && generation.metrics.contextTokens > 0)
        return generation.metrics.contextTokens;
    const std::size_t prompt = lane.prompt ? lane.prompt->ids.size() : generation.promptIds.size();
    return prompt + generation.emittedIds.size();
}

} // namespace headkv
