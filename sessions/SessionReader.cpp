// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/SessionReader.h"

#include "core/evaluation/StoredEvaluation.h"
#include "core/generation/GenerationReport.h"
#include "sessions/JsonPlace.h"
#include "sessions/Lane.h"
#include "sessions/SessionPaths.h"

#include <algorithm>
#include <limits>

namespace headkv {

namespace {

constexpr std::size_t longestText = std::size_t{1} << 30; ///< of what people type, in bytes: what was saved is read
constexpr std::size_t mostMethods = 64, mostSets = 1000;
constexpr int most = 1 << 30;
constexpr int mostHeads = 1 << 20; ///< in any direction: more than models have, and products of two stay numbers

/// A score for each example, as long as the others.
std::vector<double> scoresFrom(const JsonPlace &place, std::size_t examples)
{
    const auto &list = place.value();
    if (!list.is_array() || list.empty() || (examples > 0 && list.size() != examples))
        place.fail("is no list of as many scores as the other heads have");
    std::vector<double> scores;
    scores.reserve(list.size());
    for (const auto &value : list) {
        const double score = value.is_number() ? value.get<double>() : -1;
        if (!(score >= 0 && score <= std::numeric_limits<double>::max()))
            place.fail("holds something else than scores, which are finite and not negative");
        scores.push_back(score);
    }
    return scores;
}

ScoreSet scoreSetFrom(const JsonPlace &place, const QString &session)
{
    const int layers = place.at("layers").integer(1, mostHeads), heads = place.at("heads").integer(1, mostHeads);
    const JsonPlace values = place.at("values");
    const std::vector<JsonPlace> lists = values.items(std::numeric_limits<std::size_t>::max());
    if (lists.size() != static_cast<std::size_t>(layers) * static_cast<std::size_t>(heads))
        values.fail("has not a list for each of the layers' heads");
    HeadScores scores; // its lists are made as they are read: no number of the file decides how many
    scores.layers = layers;
    scores.heads = heads;
    for (const JsonPlace &list : lists)
        scores.values.push_back(scoresFrom(list, scores.examples()));
    const auto provenance = place.find("provenance");
    return makeScoreSet(place.at("name").text(), pathFrom(place.at("origin"), session), std::move(scores),
                        provenance ? QString::fromStdString(provenance->value().dump()) : QString());
}

/// A report within the session, read by those who know it: what they refuse has no place of its own here.
template <typename Read>
auto reportFrom(const JsonPlace &place, Read read)
{
    try {
        return read(place.value(), place.source() + ": " + place.path());
    } catch (const Error &error) {
        const std::string what = error.what();
        if (what.starts_with(place.source()))
            throw;
        place.fail("holds a report that cannot be read (" + what + ")");
    } catch (const nlohmann::json::exception &) {
        place.fail("holds no report");
    }
}

HeadId headFrom(const JsonPlace &place)
{
    const auto head = headIdFrom(place.text().toStdString());
    if (!head)
        place.fail("is no head, such as \"3-0\"");
    return *head;
}

/// Whether a word is the second of two.
bool isSecond(const JsonPlace &place, const QString &first, const QString &second)
{
    const QString word = place.text();
    if (word != first && word != second)
        place.fail("is neither " + first.toStdString() + " nor " + second.toStdString());
    return word == second;
}

bool isByKvHead(const JsonPlace &place)
{
    return isSecond(place, QStringLiteral("query-head"), QStringLiteral("kv-head"));
}

/// One of the words that `from` knows.
template <typename Value>
Value wordFrom(const JsonPlace &place, std::optional<Value> (*from)(std::string_view))
{
    const auto value = from(place.text().toStdString());
    if (!value)
        place.fail("is no word for it that is known here");
    return *value;
}

QStringList methodsFrom(const JsonPlace &place)
{
    QStringList methods;
    for (const JsonPlace &method : place.items(mostMethods))
        methods.append(method.text());
    return methods;
}

std::vector<Needle> needlesFrom(const JsonPlace &place)
{
    constexpr std::size_t mostNeedles = 1 << 20;
    std::vector<Needle> needles;
    for (const JsonPlace &needle : place.items(mostNeedles)) {
        const auto part = [&needle](const char *key) { return needle.at(key).text(longestText).toStdString(); };
        needles.push_back({part("needle"), part("question"), part("answer")});
    }
    return needles;
}

} // namespace

SessionReader::SessionReader(const nlohmann::ordered_json &document, const QString &path)
    : m_json(document)
    , m_path(path)
    , m_source(path.toStdString())
{}

SessionDocument SessionReader::read()
{
    const JsonPlace place(m_json, m_source);
    if (const auto recovery = place.find("recovery_of"))
        m_document.recoveryOf = recovery->text();
    if (const auto model = place.find("model"))
        readModel(*model);
    if (const auto notes = place.find("notes"))
        m_document.notes = notes->text(longestText);
    if (const auto layout = place.find("layout"))
        readLayout(*layout);
    if (const auto sets = place.find("score_sets"))
        readScores(*sets);
    if (const auto heads = place.find("heads"))
        readHeads(*heads);
    if (const auto budgets = place.find("budgets"))
        readBudgets(*budgets);
    if (const auto form = place.find("probe_form"))
        readProbeForm(*form);
    if (const auto tasks = place.find("tasks"))
        readTasks(*tasks);
    if (const auto variants = place.find("variants"))
        readVariants(*variants);
    if (const auto prompt = place.find("prompt"))
        m_document.prompt = {prompt->at("system").text(longestText), prompt->at("text").text(longestText)};
    if (const auto form = place.find("generate_form"))
        readGenerateForm(*form);
    if (const auto lanes = place.find("lanes")) {
        for (const JsonPlace &lane : lanes->items(mostLanes))
            m_document.lanes.push_back(
                std::make_shared<const GenerationReport>(reportFrom(lane, generationReportFrom)));
    }
    if (const auto evaluation = place.find("evaluation"))
        m_document.evaluation = std::make_shared<const StoredEvaluation>(reportFrom(*evaluation, evaluationFrom));
    if (const auto probe = place.find("probe"))
        readProbe(*probe);
    return std::move(m_document);
}

void SessionReader::readModel(const JsonPlace &place)
{
    SessionModel &model = m_document.model;
    model.path = pathFrom(place.at("path"), m_path);
    model.name = place.at("name").text();
    model.sha256 = place.at("sha256").text();
    model.dtype = place.at("dtype").text();
    model.weights = place.at("weights").text();
    model.layers = place.at("layers").integer(1, mostHeads);
    model.queryHeads = place.at("query_heads").integer(1, mostHeads);
    model.kvHeads = place.at("kv_heads").integer(1, mostHeads);
}

void SessionReader::readLayout(const JsonPlace &place)
{
    constexpr std::size_t mostDocks = 64;
    m_document.page = place.at("page").text();
    for (const JsonPlace &dock : place.at("docks").items(mostDocks))
        m_document.docks.append(dock.text());
}

void SessionReader::readScores(const JsonPlace &place)
{
    for (const JsonPlace &set : place.items(mostSets))
        m_document.scores.push_back(scoreSetFrom(set, m_path));
}

int SessionReader::scoreSet(const JsonPlace &place) const
{
    return place.integer(0, static_cast<int>(m_document.scores.size()) - 1);
}

void SessionReader::readHeads(const JsonPlace &place)
{
    constexpr std::size_t mostShown = 3, mostKinds = 64, mostPins = 1 << 16;
    SessionHeads &heads = m_document.heads;
    if (const auto sets = place.find("sets")) {
        for (const JsonPlace &set : sets->items(mostShown))
            heads.sets.push_back(scoreSet(set));
    }
    if (const auto difference = place.find("difference"))
        heads.difference = difference->flag();
    if (const auto rows = place.find("kv_heads"))
        heads.kvHeads = rows->integer(0, mostHeads);
    if (const auto pins = place.find("pins")) {
        for (const JsonPlace &kind : pins->items(mostKinds)) {
            std::vector<HeadId> &list = heads.pins[kind.at("kv_heads").integer(0, mostHeads)];
            for (const JsonPlace &pin : kind.at("heads").items(mostPins))
                list.push_back(headFrom(pin));
        }
    }
}

void SessionReader::readBudgets(const JsonPlace &place)
{
    SessionBudgets &budgets = m_document.budgets;
    budgets.methods = methodsFrom(place.at("methods"));
    budgets.budget = place.at("budget").integer(1, most);
    if (const auto window = place.find("window"))
        budgets.window = window->integer(0, most);
    budgets.beta = place.at("beta").number(1, 1e9);
    budgets.byKvHead = isByKvHead(place.at("granularity"));
    budgets.redistribute = place.at("redistribute").flag();
    if (const auto set = place.find("score_set"))
        budgets.scoreSet = scoreSet(*set);
    if (const auto tokens = place.find("context"))
        budgets.tokens = tokens->integer(1, most);
}

/// A word, or a path.
QString SessionReader::haystack(const JsonPlace &place) const
{
    if (place.value().is_string())
        (void)isSecond(place, QStringLiteral("essays"), QStringLiteral("built-in"));
    return pathFrom(place, m_path);
}

void SessionReader::readProbeForm(const JsonPlace &place)
{
    SessionProbeForm &form = m_document.probeForm;
    form.kind = wordFrom(place.at("kind"), probeKindFrom);
    form.scoring = wordFrom(place.at("scoring"), probeScoringFrom);
    form.lengths = place.at("lengths").text(longestText);
    form.depths = place.at("depths").text(longestText);
    form.haystack = haystack(place.at("haystack"));
    form.newTokens = place.at("new_tokens").integer(1, most);
    form.filter = wordFrom(place.at("filter"), probeFilterFrom);
    if (const auto needles = place.find("needles"))
        form.needles = needlesFrom(*needles);
}

void SessionReader::readTasks(const JsonPlace &place)
{
    constexpr std::size_t mostFiles = 1 << 16;
    SessionTasks &tasks = m_document.tasks;
    tasks.niah = place.at("niah").flag();
    tasks.reasoning = place.at("reasoning").flag();
    tasks.documents = place.at("documents").flag();
    for (const JsonPlace &file : place.at("files").items(mostFiles))
        tasks.files.append(pathFrom(file, m_path));
    tasks.lengths = place.at("lengths").text(longestText);
    tasks.depths = place.at("depths").text(longestText);
    if (const auto needles = place.find("needles"))
        tasks.needles = needles->integer(1, most);
    tasks.haystack = haystack(place.at("haystack"));
    tasks.newTokens = place.at("new_tokens").integer(1, most);
    if (const auto questions = place.find("questions"))
        tasks.questions = questions->integer(1, most);
    if (const auto formats = place.find("prompts"))
        tasks.formats = pathFrom(*formats, m_path);
    tasks.skipMalformed = place.at("skip_malformed").flag();
}

void SessionReader::readVariants(const JsonPlace &place)
{
    SessionVariants &variants = m_document.variants;
    variants.methods = methodsFrom(place.at("methods"));
    for (const JsonPlace &set : place.at("without_sets").items(mostSets))
        variants.withoutSets.push_back(scoreSet(set));
    variants.budgets = place.at("budgets").text(longestText);
    variants.byKvHead = isByKvHead(place.at("granularity"));
    if (const auto window = place.find("window"))
        variants.window = window->integer(1, most);
    variants.beta = place.at("beta").number(1, 1e9);
    variants.beforeQuestion =
        isSecond(place.at("compress_once"), QStringLiteral("question"), QStringLiteral("context"));
}

void SessionReader::readGenerateForm(const JsonPlace &place)
{
    SessionGenerateForm &form = m_document.generateForm;
    form.raw = place.at("raw").flag();
    form.newTokens = place.at("new_tokens").integer(1, most);
    form.temperature = place.at("temperature").number(0, 10);
    form.topP = place.at("top_p").number(0, 1);
    form.seed = place.at("seed").integer(0, most);
    form.ignoreEnd = place.at("ignore_end").flag();
    if (const auto lanes = place.find("lanes")) {
        form.lanes.emplace();
        for (const JsonPlace &each : lanes->items(mostLanes))
            form.lanes->push_back(lane(each));
    }
}

SessionLane SessionReader::lane(const JsonPlace &place) const
{
    SessionLane lane;
    lane.method = place.at("method").text();
    lane.budget = place.at("budget").integer(1, most);
    if (const auto window = place.find("window"))
        lane.window = window->integer(1, most);
    lane.beta = place.at("beta").number(0, 1e9);
    lane.byKvHead = isByKvHead(place.at("granularity"));
    if (const auto set = place.find("score_set"))
        lane.scoreSet = scoreSet(*set);
    return lane;
}

/// Its report is read once the model is there that it needs.
void SessionReader::readProbe(const JsonPlace &place)
{
    KeptProbe kept;
    kept.sha256 = place.at("sha256").text();
    kept.source = m_path;
    const JsonPlace report = place.at("report");
    if (report.value().contains("relative") || report.value().is_string())
        kept.source = pathFrom(report, m_path);
    else
        kept.report = std::make_shared<const std::string>(report.value().dump());
    m_document.probe.kept = std::move(kept);
}

} // namespace headkv
