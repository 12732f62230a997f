// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/LaneChoice.h"

#include "core/base/Error.h"
#include "sessions/LaneText.h"

#include <QCoreApplication>
#include <algorithm>

namespace headkv {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("headkv::GeneratePage", text); }

const ScoreSet *setOf(const LaneChoice &choice, const std::vector<ScoreSet> &sets)
{
    const auto found = std::ranges::find(sets, choice.scores, &ScoreSet::scores);
    return choice.scores && found != sets.end() ? &*found : nullptr;
}

} // namespace

LaneChoice laneChoice(std::string_view method, const std::vector<ScoreSet> &sets)
{
    const MethodInfo &info = compressionMethod(method);
    LaneChoice choice;
    choice.method = info.id;
    choice.beta = info.beta;
    if (info.hasScores && !sets.empty())
        choice.scores = sets.front().scores;
    return choice;
}

std::vector<LaneChoice> defaultLanes(const std::vector<ScoreSet> &sets)
{
    return {laneChoice("full", sets), laneChoice(sets.empty() ? "snapkv" : "headkv", sets)};
}

LaneChoice nextLane(const std::vector<LaneChoice> &lanes, const std::vector<ScoreSet> &sets)
{
    for (const char *const method : {"full", "headkv", "snapkv", "streaming", "pyramidkv"}) {
        const bool possible = !compressionMethod(method).hasScores || !sets.empty();
        if (possible && std::ranges::find(lanes, method, &LaneChoice::method) == lanes.end())
            return laneChoice(method, sets);
    }
    return laneChoice("snapkv", sets);
}

SessionLane keptLane(const LaneChoice &choice, const std::vector<ScoreSet> &sets)
{
    SessionLane kept{QString::fromStdString(choice.method),
                     choice.budget,
                     choice.window,
                     choice.beta,
                     choice.granularity == Granularity::KvHead,
                     -1};
    if (const ScoreSet *set = setOf(choice, sets))
        kept.scoreSet = static_cast<int>(set - sets.data());
    return kept;
}

std::optional<LaneChoice> laneChoice(const SessionLane &kept, const std::vector<ScoreSet> &sets)
{
    const std::string method = kept.method.toStdString();
    if (std::ranges::find(compressionMethods(), method, &MethodInfo::id) == compressionMethods().end())
        return std::nullopt;
    LaneChoice choice = laneChoice(method, sets);
    choice.budget = kept.budget;
    choice.window = kept.window;
    if (compressionMethod(method).beta > 0)
        choice.beta = std::clamp(kept.beta, 1.0, 1000.0); // as LaneEditor takes it
    choice.granularity = kept.byKvHead ? Granularity::KvHead : Granularity::QueryHead;
    if (kept.scoreSet >= 0 && kept.scoreSet < static_cast<int>(sets.size()))
        choice.scores = sets[static_cast<std::size_t>(kept.scoreSet)].scores;
    return choice;
}

LaneSettings laneSettings(const LaneChoice &choice, const std::vector<ScoreSet> &sets)
{
    const MethodInfo &info = compressionMethod(choice.method);
    LaneSettings settings;
    CompressionSettings &compression = settings.compression;
    compression.method = choice.method;
    if (!info.hasBudget)
        return settings;
    compression.budget = choice.budget;
    compression.granularity = choice.granularity;
    if (info.hasWindow)
        compression.window = choice.window;
    if (info.beta > 0)
        compression.beta = choice.beta;
    if (const ScoreSet *set = info.hasScores ? setOf(choice, sets) : nullptr) {
        compression.importance = set->summary->shares;
        settings.scores = set->origin == QLatin1String("probe") ? set->name : set->origin;
    }
    return settings;
}

QString laneProblem(const LaneChoice &choice, const ModelInfo &model, const std::vector<ScoreSet> &sets)
{
    const QString name = methodName(choice.method);
    const MethodInfo &info = compressionMethod(choice.method);
    if (info.hasScores) {
        const ScoreSet *set = setOf(choice, sets);
        if (!set)
            return tr("%1 needs a score set: open one or run a probe").arg(name);
        if (set->scores->layers != model.layers || set->scores->heads != model.queryHeads)
            return tr("%1: the score set has %2 × %3 heads, the model %4 × %5; choose a set of this model")
                .arg(name)
                .arg(set->scores->layers)
                .arg(set->scores->heads)
                .arg(model.layers)
                .arg(model.queryHeads);
    }
    try {
        const HeadShape shape{model.layers, model.queryHeads, model.kvHeads};
        (void)makeCompressionMethod(shape, laneSettings(choice, sets).compression);
    } catch (const Error &error) {
        return QStringLiteral("%1: %2").arg(name, QString::fromUtf8(error.what()));
    }
    return {};
}

} // namespace headkv
