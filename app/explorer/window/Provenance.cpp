// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/Provenance.h"

#include "app/explorer/common/FolderExport.h"
#include "core/base/Installation.h"
#include "core/compression/BudgetReport.h"
#include "core/kernels/Kernels.h"
#include "core/probe/ProbeReport.h"
#include "sessions/EvaluationSession.h"
#include "sessions/LaneSession.h"
#include "sessions/ProbeSession.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"

#include <QDateTime>
#include <QFile>
#include <QSysInfo>
#include <nlohmann/json.hpp>
#include <thread>
#include <unistd.h>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

/// "model name : …" of /proc/cpuinfo; empty: the system does not say.
std::string processorName()
{
    QFile file(QStringLiteral("/proc/cpuinfo"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    for (QByteArray line = file.readLine(); !line.isEmpty(); line = file.readLine()) {
        if (line.startsWith("model name"))
            return line.mid(line.indexOf(':') + 1).trimmed().toStdString();
    }
    return {};
}

Json describeMachine()
{
    const auto bytes =
        static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
    return {{"processor", processorName()},
            {"threads", std::thread::hardware_concurrency()},
            {"kernels", kernels().name},
            {"memory_bytes", bytes},
            {"system", QSysInfo::prettyProductName().toStdString()},
            {"kernel", QSysInfo::kernelVersion().toStdString()}};
}

Json describeModel(const ModelInfo &model)
{
    Json json = describeProbeModel(model);
    json["architecture"] = model.architecture;
    json["head_dim"] = model.headDim;
    json["context_length"] = model.contextLength;
    json["cache_dtype"] = toString(model.cacheType);
    return json;
}

Json describeScores(const ScoreLibrary &library)
{
    Json sets = Json::array();
    for (const ScoreSet &set : library.sets()) {
        const Json known = Json::parse(set.metaJson.toStdString(), nullptr, false);
        sets.push_back({{"name", set.name.toStdString()},
                        {"origin", set.origin.toStdString()},
                        {"layers", set.scores->layers},
                        {"heads", set.scores->heads},
                        {"cases", set.scores->examples()},
                        {"provenance", known.is_discarded() ? Json() : known}});
    }
    return sets;
}

Json describeLanes(const LaneSession &lanes)
{
    Json all = Json::array();
    for (const Lane &lane : lanes.all()) {
        const GenerationReport &report = lane.report;
        Json json{{"method", lane.settings.compression.method}};
        json.update(describe(report.compression, report.generation.window));
        json.update({{"scores", report.scores},
                     {"model", report.model},
                     {"dtype", report.dtype},
                     {"weights", report.weights},
                     {"temperature", report.settings.sampling.temperature},
                     {"top_p", report.settings.sampling.topP},
                     {"seed", report.settings.sampling.seed}});
        all.push_back(std::move(json));
    }
    return all;
}

Json describeEvaluation(const StoredEvaluation &evaluation)
{
    Json settings = describe(evaluation.request);
    for (Json &set : settings["scores"])
        set.erase("importance"); // a number a head; the score files have them
    return {{"model", describeProbeModel(evaluation.model)}, {"settings", std::move(settings)}};
}

} // namespace

QString provenanceJson(const Session &session, const std::vector<ExportedFile> &files)
{
    const QDateTime now = QDateTime::currentDateTime();
    Json json{{"program", std::string("HeadKV Explorer ") + programVersion()},
              {"versions", {{"libtorch", libTorchVersion()}, {"qt", qVersion()}}},
              {"date", now.toOffsetFromUtc(now.offsetFromUtc()).toString(Qt::ISODate).toStdString()},
              {"machine", describeMachine()}};
    json["model"] = session.modelInfo() ? describeModel(*session.modelInfo()) : Json();
    json["scores"] = describeScores(session.scores());
    json["probe"] = session.probe().settings() ? describeProbeSettings(*session.probe().settings()) : Json();
    json["lanes"] = describeLanes(session.lanes());
    const StoredEvaluation &evaluation = session.evaluation().evaluation();
    json["evaluation"] = evaluation.run.tasks.empty() ? Json() : describeEvaluation(evaluation);
    json["files"] = Json::array();
    for (const ExportedFile &file : files)
        json["files"].push_back(
            {{"name", file.name.toStdString()}, {"bytes", file.bytes}, {"sha256", file.sha256.toStdString()}});
    return QString::fromStdString(json.dump(2, ' ', false, Json::error_handler_t::replace)) + QLatin1Char('\n');
}

} // namespace headkv
