// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/SessionWriter.h"

#include "core/base/GrowingReport.h"
#include "core/base/Installation.h"
#include "core/compression/CompressionSettings.h"
#include "core/evaluation/EvaluationReport.h"
#include "core/probe/ProbeReport.h"
#include "sessions/SessionFile.h"
#include "sessions/SessionPaths.h"
#include "sessions/SessionReports.h"

#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

Json textsOf(const QStringList &texts)
{
    Json list = Json::array();
    for (const QString &text : texts)
        list.push_back(text.toStdString());
    return list;
}

template <typename Value>
Json orNull(const std::optional<Value> &value)
{
    return value ? Json(*value) : Json();
}

std::string granularityName(bool byKvHead) { return toString(byKvHead ? Granularity::KvHead : Granularity::QueryHead); }

} // namespace

SessionWriter::SessionWriter(const SessionDocument &document, const QString &path)
    : m_document(document)
    , m_path(path)
{}

std::string SessionWriter::write()
{
    m_text = "{\"headkv_session\":" + std::to_string(sessionVersion);
    add("program", std::string("headkv ") + programVersion());
    add("saved", currentDate());
    if (!m_document.recoveryOf.isEmpty())
        add("recovery_of", m_document.recoveryOf.toStdString());
    add("model", m_document.model.isKnown() ? describeModel() : Json());
    add("notes", m_document.notes.toStdString());
    add("layout", {{"page", m_document.page.toStdString()}, {"docks", textsOf(m_document.docks)}});
    add("heads", describeHeads());
    add("budgets", describeBudgets());
    add("probe_form", describeProbeForm());
    add("tasks", describeTasks());
    add("variants", describeVariants());
    add("prompt", {{"system", m_document.prompt.system.toStdString()}, {"text", m_document.prompt.text.toStdString()}});
    add("generate_form", describeGenerateForm());
    Json sets = Json::array();
    for (const ScoreSet &set : m_document.scores)
        sets.push_back(describeScores(set));
    add("score_sets", sets);
    add("lanes", describeLanes());
    add("evaluation", m_document.evaluation ? describe(*m_document.evaluation) : Json());
    add("probe", describeProbe());
    return std::move(m_text) + "}\n";
}

void SessionWriter::add(const char *key, const Json &value)
{
    m_text += std::string(",\n\"") + key + "\":" + dumpJson(value);
}

Json SessionWriter::describeModel() const
{
    const SessionModel &model = m_document.model;
    return {{"path", describePath(model.path, m_path)}, {"name", model.name.toStdString()},
            {"sha256", model.sha256.toStdString()},     {"layers", model.layers},
            {"query_heads", model.queryHeads},          {"kv_heads", model.kvHeads},
            {"dtype", model.dtype.toStdString()},       {"weights", model.weights.toStdString()}};
}

Json SessionWriter::describeHeads() const
{
    const SessionHeads &heads = m_document.heads;
    Json kinds = Json::array();
    for (const auto &[kvHeads, pins] : heads.pins) {
        Json list = Json::array();
        for (const HeadId &pin : pins)
            list.push_back(toString(pin));
        if (!pins.empty())
            kinds.push_back({{"kv_heads", kvHeads}, {"heads", list}});
    }
    return {{"sets", heads.sets}, {"difference", heads.difference}, {"kv_heads", heads.kvHeads}, {"pins", kinds}};
}

Json SessionWriter::describeBudgets() const
{
    const SessionBudgets &budgets = m_document.budgets;
    return {{"methods", textsOf(budgets.methods)},
            {"budget", budgets.budget},
            {"window", orNull(budgets.window)},
            {"beta", budgets.beta},
            {"granularity", granularityName(budgets.byKvHead)},
            {"redistribute", budgets.redistribute},
            {"score_set", budgets.scoreSet >= 0 ? Json(budgets.scoreSet) : Json()},
            {"context", orNull(budgets.tokens)}};
}

Json SessionWriter::describeProbeForm() const
{
    const SessionProbeForm &form = m_document.probeForm;
    Json needles;
    if (form.needles) {
        needles = Json::array();
        for (const Needle &needle : *form.needles)
            needles.push_back({{"needle", needle.needle}, {"question", needle.question}, {"answer", needle.answer}});
    }
    return {{"kind", toString(form.kind)},
            {"scoring", toString(form.scoring)},
            {"lengths", form.lengths.toStdString()},
            {"depths", form.depths.toStdString()},
            {"haystack", describePath(form.haystack, m_path)},
            {"new_tokens", form.newTokens},
            {"filter", toString(form.filter)},
            {"needles", needles}};
}

Json SessionWriter::describeTasks() const
{
    const SessionTasks &tasks = m_document.tasks;
    Json files = Json::array();
    for (const QString &file : tasks.files)
        files.push_back(describePath(file, m_path));
    return {{"niah", tasks.niah},
            {"reasoning", tasks.reasoning},
            {"documents", tasks.documents},
            {"files", files},
            {"lengths", tasks.lengths.toStdString()},
            {"depths", tasks.depths.toStdString()},
            {"needles", orNull(tasks.needles)},
            {"haystack", describePath(tasks.haystack, m_path)},
            {"new_tokens", tasks.newTokens},
            {"questions", orNull(tasks.questions)},
            {"prompts", tasks.formats.isEmpty() ? Json() : describePath(tasks.formats, m_path)},
            {"skip_malformed", tasks.skipMalformed}};
}

Json SessionWriter::describeVariants() const
{
    const SessionVariants &variants = m_document.variants;
    return {{"methods", textsOf(variants.methods)},
            {"without_sets", variants.withoutSets},
            {"budgets", variants.budgets.toStdString()},
            {"granularity", granularityName(variants.byKvHead)},
            {"window", orNull(variants.window)},
            {"beta", variants.beta},
            {"compress_once", variants.beforeQuestion ? "context" : "question"}};
}

Json SessionWriter::describeGenerateForm() const
{
    const SessionGenerateForm &form = m_document.generateForm;
    Json lanes;
    if (form.lanes) {
        lanes = Json::array();
        for (const SessionLane &lane : *form.lanes)
            lanes.push_back({{"method", lane.method.toStdString()},
                             {"budget", lane.budget},
                             {"window", orNull(lane.window)},
                             {"beta", lane.beta},
                             {"granularity", granularityName(lane.byKvHead)},
                             {"score_set", lane.scoreSet < 0 ? Json() : Json(lane.scoreSet)}});
    }
    return {
        {"raw", form.raw},   {"new_tokens", form.newTokens}, {"temperature", form.temperature}, {"top_p", form.topP},
        {"seed", form.seed}, {"ignore_end", form.ignoreEnd}, {"lanes", std::move(lanes)}};
}

Json SessionWriter::describeScores(const ScoreSet &set) const
{
    const Json provenance = Json::parse(set.metaJson.toStdString(), nullptr, false);
    return {{"name", set.name.toStdString()},
            {"origin", describePath(set.origin, m_path)},
            {"provenance", provenance.is_object() ? provenance : Json()},
            {"layers", set.scores->layers},
            {"heads", set.scores->heads},
            {"values", set.scores->values}};
}

Json SessionWriter::describeLanes() const
{
    Json lanes = Json::array();
    for (const ReportPtr &lane : m_document.lanes)
        lanes.push_back(describe(*lane));
    return lanes;
}

Json SessionWriter::describeProbe() const
{
    const SessionProbe &probe = m_document.probe;
    const auto with = [](const QString &sha256, Json report) -> Json {
        return {{"sha256", sha256.toStdString()}, {"report", std::move(report)}};
    };
    if (probe.kept)
        return with(probe.kept->sha256, probe.kept->report ? Json::parse(*probe.kept->report, nullptr, false)
                                                           : describePath(probe.kept->source, m_path));
    if (!probe.settings || !probe.cases || !probe.model)
        return {};
    return with(QString::fromStdString(probe.model->sha256), headkv::describeProbe(runOf(probe), *probe.model));
}

} // namespace headkv
