// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/EvaluationPlanner.h"
#include "sessions/SessionDocument.h"

#include <memory>

namespace headkv {

inline ReportPtr smallLane()
{
    GenerationReport report;
    report.model = "Made up";
    report.shape = {2, 2, 1};
    report.compression.method = "snapkv";
    report.compression.budget = 4;
    report.settings.maxNewTokens = 3;
    Generation &generation = report.generation;
    generation.promptIds = {5, 6, 7, 8, 9};
    generation.emittedIds = {3, 4};
    generation.text = "a “word”\n";
    generation.stopReason = StopReason::TokenLimit;
    generation.window = 2;
    generation.metrics.prefillSeconds = 0.125;
    generation.metrics.perTokenMilliseconds = {4.5, 5.5};
    generation.metrics.fullKvBytesAfterPrefill = 2000;
    generation.metrics.kvBytesAfterPrefill = 1600;
    generation.metrics.entriesByLayer = {8, 8};
    generation.metrics.memory = {{0.25, 1600, 100000, 0}};
    generation.contents.granularity = Granularity::KvHead;
    generation.contents.layers = 2;
    generation.contents.lists = 1;
    generation.contents.lengths = {4, 4};
    generation.contents.positions = {{0, 1, 3, 4}, {0, 2, 3, 4}};
    return std::make_shared<const GenerationReport>(report);
}

inline StoredEvaluationPtr smallStoredEvaluation()
{
    StoredEvaluation stored;
    stored.model.name = "Made up";
    stored.model.sha256 = "0123abcd";
    stored.model.layers = 2;
    stored.model.queryHeads = 2;
    stored.model.kvHeads = 1;
    EvaluationRequest &request = stored.request;
    request.tasks = {needleTask};
    request.methods.resize(2);
    request.methods[0].method = "full";
    request.methods[1].method = "headkv";
    request.methods[1].beta = 1.5;
    request.methods[1].granularity = Granularity::KvHead;
    request.budgets = {64};
    request.scoreSets = {{"R", "R.json", {0.1, 0.2, 0.3, 0.4}}};
    request.needles.lengths = {100};
    request.needles.depths = {0.5};
    request.needles.needles = {{" The inn is on the hill.", "Where is the inn?", "on the hill"}};
    request.needles.haystackName = "built-in";
    stored.fingerprints = {"feed"};
    EvaluationRun &run = stored.run;
    run.variants = variantsOf(request);
    run.tasks.resize(1);
    run.tasks[0].name = needleTask;
    run.tasks[0].lengths = {100};
    run.tasks[0].depths = {0.5};
    run.tasks[0].cases.resize(1);
    run.tasks[0].cases[0].name = "needle 1";
    run.tasks[0].cases[0].answers = {"on the hill"};
    run.tasks[0].cases[0].lengthIndex = 0;
    run.tasks[0].cases[0].depthIndex = 0;
    for (std::size_t variant = 0; variant < run.variants.size(); ++variant) {
        EvaluationResult result;
        result.variant = variant;
        result.emittedIds = {7, 8};
        result.text = "on the hill";
        result.score = variant == 0 ? 100 : 33.3;
        result.kvBytesPeak = 12345;
        run.results.push_back(result);
    }
    run.seconds = 2.5;
    return std::make_shared<const StoredEvaluation>(std::move(stored));
}

/// A session that has a bit of everything.
inline SessionDocument smallSession()
{
    SessionDocument document;
    document.model = {QStringLiteral("default"),
                      QStringLiteral("Made up"),
                      QStringLiteral("0123abcd"),
                      QStringLiteral("float32"),
                      QStringLiteral("dense"),
                      2,
                      2,
                      1};
    document.notes = QStringLiteral("Two lines\nwith “quotes”, β and \\.");
    document.page = QStringLiteral("budget");
    document.docks = QStringList{QStringLiteral("notes")};
    HeadScores scores(2, 2);
    scores.values = {{0.1 + 0.2, 0}, {1e-300, 5e-324}, {0.5, 1}, {0, 123456789.125}};
    document.scores.push_back(makeScoreSet(QStringLiteral("R"), QStringLiteral("R.json"), scores,
                                           QStringLiteral(R"({"model":{"kv_heads":1}})")));
    scores.values[0] = {1.0 / 3, 2.0 / 3};
    document.scores.push_back(makeScoreSet(QStringLiteral("ER"), QStringLiteral("probe"), scores, {}));
    document.heads.sets = {1, 0};
    document.heads.difference = true;
    document.heads.kvHeads = 1;
    document.heads.pins = {{0, {{1, 1}, {0, 0}}}, {1, {{1, 0}}}};
    document.budgets.methods = QStringList{QStringLiteral("snapkv"), QStringLiteral("headkv")};
    document.budgets.budget = 96;
    document.budgets.window = 16;
    document.budgets.beta = 1.05;
    document.budgets.byKvHead = true;
    document.budgets.redistribute = true;
    document.budgets.scoreSet = 1;
    document.budgets.tokens = 4096;
    document.probeForm.kind = ProbeKind::Reasoning;
    document.probeForm.scoring = ProbeScoring::Forced;
    document.probeForm.lengths = QStringLiteral("4x, ");
    document.probeForm.depths = QStringLiteral("0, 0.5");
    document.probeForm.haystack = QStringLiteral("built-in");
    document.probeForm.newTokens = 7;
    document.probeForm.filter = {ProbeFilter::Metric::TokenF1, 25};
    document.probeForm.needles = {{"\n“Two” lines.\n", "How many lines?", "“Two”"}, {}};
    document.tasks.niah = false;
    document.tasks.documents = true;
    document.tasks.files = QStringList{QStringLiteral("/nowhere/documents/qa.jsonl")};
    document.tasks.lengths = QStringLiteral("2x1024");
    document.tasks.needles = 3;
    document.tasks.haystack = QStringLiteral("/nowhere/hay.txt");
    document.tasks.newTokens = 9;
    document.tasks.questions = 5;
    document.tasks.formats = QStringLiteral("/nowhere/prompts.json");
    document.tasks.skipMalformed = true;
    document.variants.methods = QStringList{QStringLiteral("headkv"), QStringLiteral("h2o")};
    document.variants.withoutSets = {1};
    document.variants.budgets = QStringLiteral("48");
    document.variants.byKvHead = false;
    document.variants.window = 8;
    document.variants.beta = 1.01;
    document.variants.beforeQuestion = true;
    document.prompt = {QStringLiteral("Be brief."), QStringLiteral("Where is the inn?")};
    document.generateForm = {true, 33, 0.5, 0.75, 11, true, std::vector<SessionLane>()};
    document.generateForm.lanes->push_back({QStringLiteral("headkv"), 96, 8, 1.25, true, 1});
    document.generateForm.lanes->push_back({QStringLiteral("full"), 128, {}, 0, false, -1});
    document.lanes.push_back(smallLane());
    document.evaluation = smallStoredEvaluation();
    document.probe.kept =
        KeptProbe{QStringLiteral("0123abcd"),
                  {},
                  std::make_shared<const std::string>(R"({"model":{"sha256":"0123abcd"},"settings":{},"cases":[]})")};
    return document;
}

} // namespace headkv
