// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <csignal>

namespace {

const QString tiny = QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-f32.gguf");

struct Result
{
    int status = -1;
    QByteArray out, err;

    [[nodiscard]] QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
};

} // namespace

class CommandLineTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void helpAtEachLevel();
    void infoOfTinyModel();
    void infoOfVocabularyOnlyFile();
    void tokenizeAndBack();
    void logprobsEqualTheReference();
    void probeScoresAndReport();
    void probeWithoutAPassWritesNoScores();
    void interruptedProbeKeepsItsCases();
    void killedProbeResumes();
    void forcedProbeCountsEveryCase();
    void maskedHeadsChangeTheScores();
    void maskTestsAScoreSet();
    void needlesForAProbe();
    void scoresAgainstThemselves();
    void scoresSayHowSureTheyAre();
    void generateGreedily();
    void chatTextsOfTheUser();
    void readsFolders();
    void readsTokenizersOfUnknownFamilies();
    void allocate();
    void generateCompressed_data();
    void generateCompressed();
    void generateComparesWithFullKv();
    void benchMeasuresEachCell();
    void figureDrawsTheBench();
    void figureDrawsScores_data();
    void figureDrawsScores();
    void figureOfBudgets();
    void errors_data();
    void errors();

private:
    Result run(const QStringList &arguments, const QByteArray &input = {});
    QString path(const QString &name) const { return m_folder.filePath(name); }
    void write(const QString &name, const QByteArray &content);
    QStringList probe(const QStringList &more) const;
    static QJsonObject readJson(const QString &file);

    QTemporaryDir m_folder;
    QJsonObject m_golden;
};

Result CommandLineTest::run(const QStringList &arguments, const QByteArray &input)
{
    QProcess process;
    process.start(HEADKV_BIN "/headkv", arguments);
    process.write(input);
    process.closeWriteChannel();
    process.waitForFinished(60000);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
}

void CommandLineTest::write(const QString &name, const QByteArray &content)
{
    QFile file(path(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(content), qint64(content.size()));
}

QJsonObject CommandLineTest::readJson(const QString &name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

QStringList CommandLineTest::probe(const QStringList &more) const
{
    return QStringList{"probe",      tiny,
                       "--needles",  path("needles.jsonl"),
                       "--haystack", path("hay.txt"),
                       "--out",      path("scores.json"),
                       "--dtype",    "float32"} +
           more;
}

void CommandLineTest::initTestCase()
{
    m_golden = readJson(HEADKV_GOLDENS "/tiny/tiny.json");
    QVERIFY(!m_golden.isEmpty());
    write("needles.jsonl",
          R"({"needle":" The inn is on the hill.","question":"Where is the inn?","answer":"on the hill"})"
          "\n"
          R"({"needle":" Ten is an even thing.","question":"What is ten?","real_needle":"an even thing"})"
          "\n");
    write("hay.txt", "The rain is in the reed. An otter is on the shore and it is at rest. ");
    write("ids.json", QJsonDocument(m_golden[u"ids"].toArray()).toJson());
    write("text.json", "\"a text\"");
    write("empty", "");
    write("half.json", "[1, 2,");
    write("nobudget.json", R"({"capacities":[[1,2]]})");
    write("uneven.json",
          R"({"method":"headkv","budget":9,"beta":2,"granularity":"query-head","capacities":[[1,2],[3]]})");
    write("even.json", R"({"method":"headkv","budget":9,"beta":2,"granularity":"query-head","capacities":[[1,2]]})");
    write("small.json", R"({"0-0":[3],"0-1":[1]})");
    write("hand.json", R"({"0-0":[0.0,0.2],"0-1":[0.5,0.5],"1-0":[0,0],"1-1":[1,0.2]})");
    write("importance.json", R"({"0-0":[3],"0-1":[1],"1-0":[0],"1-1":[4]})");
    QFile model(tiny);
    QVERIFY(model.open(QIODevice::ReadOnly));
    write("cut.gguf", model.read(100000));
}

void CommandLineTest::helpAtEachLevel()
{
    for (const QStringList &command : {QStringList{},
                                       {"info"},
                                       {"tokenize"},
                                       {"detokenize"},
                                       {"logprobs"},
                                       {"probe"},
                                       {"needles"},
                                       {"scores"},
                                       {"generate"},
                                       {"figure"}}) {
        const Result result = run(command + QStringList{"--help"});
        QCOMPARE(result.status, 0);
        QVERIFY(result.out.contains("Usage: headkv"));
        QVERIFY(result.err.isEmpty());
    }
    QVERIFY(run({"--version"}).out.startsWith("headkv 0."));
}

void CommandLineTest::infoOfTinyModel()
{
    const Result result = run({"info", tiny, "--json", "--dtype", "float32"});
    QCOMPARE(result.status, 0);
    const QJsonObject info = result.json();
    QCOMPARE(info[u"layers"].toInt(), 2);
    QCOMPARE(info[u"query_heads"].toInt(), 4);
    QCOMPARE(info[u"kv_heads"].toInt(), 2);
    QCOMPARE(info[u"head_dim"].toInt(), 16);
    QCOMPARE(info[u"context_length"].toInt(), 512);
    QCOMPARE(info[u"kv_bytes_per_token"].toInt(), 2 * 2 * 2 * 16 * 4);
    QCOMPARE(info[u"file_bytes"].toInteger(), QFile(tiny).size());
    QCOMPARE(info[u"weight_bytes"].toInteger(), 4 * info[u"parameters"].toInteger());
    QCOMPARE(info[u"sha256"].toString().size(), 64);
    QVERIFY(info[u"chat_template"].toString().contains("<|im_start|>"));
}

void CommandLineTest::infoOfVocabularyOnlyFile()
{
    const Result result = run({"info", HEADKV_GOLDENS "/tiny/tiny-vocabulary.gguf", "--json"});
    QCOMPARE(result.status, 0);
    QCOMPARE(result.json()[u"parameters"].toInt(), 0);
    QVERIFY(result.json()[u"vocab_size"].toInt() > 256);
}

void CommandLineTest::tokenizeAndBack()
{
    const QByteArray text = "the inn <|im_end|>\r\n  caf\xc3\xa9 \xf0\x9f\x98\x80 42";
    const Result special = run({"tokenize", tiny, "--file", "-", "--pieces", "--json"}, text);
    QCOMPARE(special.status, 0);
    QVERIFY(special.json()[u"ids"].toArray().contains(2));
    QCOMPARE(special.json()[u"ids"].toArray().size(), special.json()[u"pieces"].toArray().size());
    const Result plain = run({"tokenize", tiny, "--file", "-", "--no-special"}, text);
    QVERIFY(!plain.out.trimmed().split(',').contains("2"));
    const Result back = run({"detokenize", tiny, "--ids", plain.out.trimmed(), "--json"});
    QCOMPARE(back.json()[u"text"].toString().toUtf8(), text);
    QCOMPARE(run({"tokenize", tiny, "--text", "", "--json"}).json()[u"ids"].toArray().size(), 0);
}

void CommandLineTest::logprobsEqualTheReference()
{
    const Result result =
        run({"logprobs", tiny, "--ids-file", path("ids.json"), "--json", "--dtype", "float32", "--top", "3"});
    QCOMPARE(result.status, 0);
    const QJsonArray actual = result.json()[u"token_logprobs"].toArray();
    const QJsonArray expected = m_golden[u"models"][u"f32"][u"token_logprobs"].toArray();
    QCOMPARE(actual.size(), expected.size());
    double sum = 0;
    for (qsizetype i = 0; i < actual.size(); ++i) {
        QVERIFY(std::abs(actual[i].toDouble() - expected[i].toDouble()) < 2e-4); // float32 sums in another order
        sum += actual[i].toDouble();
    }
    QVERIFY(std::abs(result.json()[u"perplexity"].toDouble() / std::exp(-sum / actual.size()) - 1) < 1e-9);
    QCOMPARE(result.json()[u"top"].toArray().size(), actual.size() + 1);
    QCOMPARE(result.json()[u"top"][0].toArray().size(), 3);
}

void CommandLineTest::probeScoresAndReport()
{
    const Result result = run(probe({"--kind", "enhanced", "--lengths", "40,90", "--depths", "3", "--filter", "none",
                                     "--max-new-tokens", "4", "--report", path("report.json"), "--json"}));
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject scores = readJson(path("scores.json"));
    QCOMPARE(scores.size(), 8);
    QCOMPARE(scores[u"1-3"].toArray().size(), 12);
    const QJsonObject meta = readJson(path("scores.meta.json"));
    QCOMPARE(meta[u"model"][u"sha256"].toString().size(), 64);
    const QJsonObject report = readJson(path("report.json"));
    const QJsonArray cases = report[u"cases"].toArray();
    QCOMPARE(cases.size(), 12);
    QCOMPARE(report[u"totals"][u"cases"].toInt(), 12);
    QVERIFY(report[u"totals"][u"reused_tokens"].toInt() > 0);
    QCOMPARE(cases[0][u"length"].toInt(), 40);
    QCOMPARE(cases[3][u"length"].toInt(), 90); // needle, then length, then depth
    QCOMPARE(cases[1][u"depth"].toDouble(), 0.5);
    // The span holds the answer.
    QStringList span;
    for (int i = cases[2][u"span"][0].toInt(); i < cases[2][u"span"][1].toInt(); ++i)
        span << QString::number(cases[2][u"prompt_ids"][i].toInt());
    QVERIFY(run({"detokenize", tiny, "--ids", span.join(',')}).out.contains("on the hill"));
}

void CommandLineTest::probeWithoutAPassWritesNoScores()
{
    QFile::remove(path("scores.json"));
    const Result result =
        run(probe({"--kind", "retrieval", "--lengths", "40,", "--depths", "1", "--max-new-tokens", "2"}));
    if (result.status == 2) // "40," has an empty entry
        QVERIFY(result.err.contains("--lengths"));
    const Result failed = run(probe(
        {"--kind", "retrieval", "--lengths", "70", "--depths", "1", "--max-new-tokens", "2", "--filter", "rouge1:99"}));
    QCOMPARE(failed.status, 1);
    QVERIFY2(failed.err.contains("none of 2 cases passed"), failed.err);
    QVERIFY(!QFile::exists(path("scores.json")));
}

void CommandLineTest::interruptedProbeKeepsItsCases()
{
    QProcess process;
    process.start(HEADKV_BIN "/headkv",
                  probe({"--kind", "enhanced", "--lengths", "90,200,300", "--depths", "200", "--filter", "none",
                         "--max-new-tokens", "40", "--report", path("cut.json")}));
    QVERIFY(process.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(readJson(path("cut.json"))[u"cases"].toArray().size() > 2, 20000);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(5000));
    QCOMPARE(process.exitCode(), 130);
    const QJsonObject report = readJson(path("cut.json"));
    const qsizetype cases = report[u"cases"].toArray().size();
    QVERIFY(cases > 2 && cases < 1200);
    QCOMPARE(readJson(path("scores.json"))[u"0-0"].toArray().size(), cases);
}

/// Killed again and again, each time at another moment, and resumed: the report is whole each time, and the scores end
/// up as those of a run that nobody stopped.
void CommandLineTest::killedProbeResumes()
{
    const QStringList options = probe({"--kind", "enhanced", "--lengths", "90,200,300", "--depths", "40", "--filter",
                                       "none", "--max-new-tokens", "20", "--report", path("killed.json"), "--quiet"});
    QVERIFY(run(options).status == 0);
    const QJsonObject whole = readJson(path("scores.json"));
    QFile::remove(path("killed.json"));
    QFile::remove(path("scores.json"));
    qsizetype done = 0;
    for (int kill = 0; kill < 4; ++kill) {
        QProcess process;
        process.start(HEADKV_BIN "/headkv", options + QStringList{"--resume"});
        QVERIFY(process.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(readJson(path("killed.json"))[u"cases"].toArray().size() > done ||
                                     process.state() == QProcess::NotRunning,
                                 20000);
        QTest::qWait(7 * kill);
        process.kill();
        process.waitForFinished();
        const qsizetype cases = readJson(path("killed.json"))[u"cases"].toArray().size();
        QVERIFY(cases > done || cases == 240);
        done = cases;
    }
    QVERIFY(run(options + QStringList{"--resume"}).status == 0);
    const QJsonObject resumed = readJson(path("scores.json"));
    QCOMPARE(resumed.size(), whole.size());
    for (const QString &head : whole.keys()) {
        const QJsonArray expected = whole[head].toArray(), actual = resumed[head].toArray();
        QCOMPARE(actual.size(), expected.size());
        for (qsizetype i = 0; i < expected.size(); ++i)
            QVERIFY(std::abs(actual[i].toDouble() - expected[i].toDouble()) < 1e-6);
    }
    // Another probe's report is not gone on with, and stays.
    const Result other = run(probe({"--kind", "retrieval", "--report", path("killed.json"), "--lengths", "90,200,300",
                                    "--depths", "40", "--resume"}));
    QCOMPARE(other.status, 3);
    QVERIFY2(other.err.contains("another kind"), other.err);
    QCOMPARE(readJson(path("killed.json"))[u"cases"].toArray().size(), 240);
}

void CommandLineTest::forcedProbeCountsEveryCase()
{
    const Result result = run(probe({"--kind", "reasoning", "--scoring", "forced", "--lengths", "90", "--depths", "3",
                                     "--report", path("forced.json"), "--json"}));
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject report = readJson(path("forced.json"));
    QCOMPARE(report[u"settings"][u"scoring"].toString(), QString("forced"));
    QCOMPARE(report[u"totals"][u"passed"].toInt(), 6);
    for (const QJsonValue &item : report[u"cases"].toArray())
        QCOMPARE(item[u"emitted_ids"].toArray().size(), item[u"answer_ids"].toArray().size());
    QCOMPARE(readJson(path("scores.json"))[u"0-0"].toArray().size(), 6);
}

void CommandLineTest::maskedHeadsChangeTheScores()
{
    const auto scoresWith = [&](const QStringList &more) {
        const Result result = run(probe(
            QStringList{"--kind", "enhanced", "--scoring", "forced", "--lengths", "90", "--depths", "2", "--quiet"} +
            more));
        return result.status == 0 ? readJson(path("scores.json")) : QJsonObject();
    };
    write("heads.txt", "0-1\n0-3\n");
    write("heads.json", R"(["0-1", "0-3"])");
    const QJsonObject plain = scoresWith({}), masked = scoresWith({"--mask-heads", "0-1,0-3"});
    QCOMPARE(masked.size(), 8);
    QCOMPARE(masked[u"0-1"], plain[u"0-1"]); // a masked head still looks: its own layer sees nothing of the mask
    QVERIFY(masked[u"1-0"] != plain[u"1-0"]);
    QCOMPARE(scoresWith({"--mask-heads", path("heads.txt")}), masked);
    QCOMPARE(scoresWith({"--mask-heads", path("heads.json")}), masked);
}

void CommandLineTest::maskTestsAScoreSet()
{
    write("own.json", R"({"0-0":[1],"0-1":[8],"0-2":[2],"0-3":[3],"1-0":[4],"1-1":[5],"1-2":[6],"1-3":[7]})");
    const QStringList options{"mask",
                              tiny,
                              "--scores",
                              path("own.json"),
                              "--needles",
                              path("needles.jsonl"),
                              "--haystack",
                              path("hay.txt"),
                              "--lengths",
                              "90",
                              "--depths",
                              "2",
                              "--max-new-tokens",
                              "6",
                              "--counts",
                              "4,1,9",
                              "--draws",
                              "2",
                              "--json",
                              "--seed",
                              "5"};
    const Result result = run(options);
    QVERIFY2(result.status == 0, result.err);
    QCOMPARE(result.json()[u"cases"].toInt(), 4);
    const QJsonArray rows = result.json()[u"rows"].toArray();
    QCOMPARE(rows.size(), 2); // rising; 9 heads of 8 fall away
    QCOMPARE(rows[0][u"heads"].toInt(), 1);
    QCOMPARE(rows[1][u"heads"].toInt(), 4);
    for (const QJsonValue &row : rows) {
        const QJsonArray draws = row[u"random"].toArray();
        QCOMPARE(draws.size(), 2);
        QCOMPARE(row[u"random_mean"].toDouble(), (draws[0].toDouble() + draws[1].toDouble()) / 2);
        for (const double recall : {row[u"top"].toDouble(), draws[0].toDouble(), draws[1].toDouble()})
            QVERIFY(recall >= 0 && recall <= 100);
    }
    QCOMPARE(run(options).json(), result.json()); // a seed's draws are always the same
}

/// What the command makes, a probe takes; the same seed makes the same file.
void CommandLineTest::needlesForAProbe()
{
    const QStringList make{"needles", "--kind", "reasoning", "--count", "6", "--seed", "5", "--answer", "long"};
    const Result made = run(make + QStringList{"--out", path("made.jsonl"), "--json"});
    QVERIFY2(made.status == 0, made.err);
    const QJsonArray needles = made.json()[u"needles"].toArray();
    QCOMPARE(needles.size(), 6);
    QCOMPARE(needles[0][u"needle"], needles[1][u"needle"]);
    QVERIFY(needles[0][u"answer"] != needles[1][u"answer"]);
    QFile file(path("made.jsonl"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(run(make).out, file.readAll());
    QVERIFY(run(make + QStringList{"--layout", "headkv"}).out.contains("\"real_needle\":"));
    const Result single = run(make + QStringList{"--no-reverse", "--no-swap", "--json"});
    QVERIFY(single.json()[u"needles"][0][u"needle"] != single.json()[u"needles"][1][u"needle"]);

    const Result probed = run({"probe", tiny, "--kind", "reasoning", "--needles", path("made.jsonl"), "--haystack",
                               path("hay.txt"), "--out", path("made.json"), "--filter", "none", "--lengths", "300",
                               "--depths", "2", "--max-new-tokens", "2", "--json"});
    QVERIFY2(probed.status == 0, probed.err);
    QCOMPARE(probed.json()[u"totals"][u"cases"].toInt(), 12);
}

void CommandLineTest::scoresAgainstThemselves()
{
    const Result result = run({"scores", path("hand.json"), "--compare", path("hand.json"), "--top", "2", "--json"});
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject document = result.json();
    QCOMPARE(document[u"layers"].toInt(), 2);
    QCOMPARE(document[u"examples"].toInt(), 2);
    QCOMPARE(document[u"zero_share"].toDouble(), 0.25);
    QCOMPARE(document[u"top"][0][u"layer"].toInt(), 1);
    QCOMPARE(document[u"top"][0][u"mean"].toDouble(), 0.6);
    QVERIFY(std::abs(document[u"top"][1][u"share"].toDouble() - 0.5 / 1.2) < 1e-12);
    QVERIFY(std::abs(document[u"spearman"].toDouble() - 1) < 1e-12);
    QCOMPARE(document[u"top_k_overlap"][u"10"].toDouble(), 1.0);
    QCOMPARE(document[u"difference"][1][1].toDouble(), 0.0);
    QCOMPARE(document[u"lorenz"].toArray().size(), 5);
    QCOMPARE(document[u"top_k_overlap"].toObject().keys(), (QStringList{"10", "100", "20", "50"}));
}

void CommandLineTest::scoresSayHowSureTheyAre()
{
    write("sure.json", R"({"0-0":[0,0.2,0.1,0.1],"0-1":[0.5,0.5,0.4,0.6],"1-0":[0,0,0,0],"1-1":[1,0.9,0.8,0.9]})");
    const auto scores = [this](const QStringList &more) {
        return run(QStringList{"scores", path("sure.json"), "--top", "2", "--json"} + more);
    };
    const Result result = scores({"--kv-heads", "1"});
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject document = result.json();
    // Means 0.1, 0.5, 0, 0.9: Σ(2i − 5)·x / (4·1.5) over 0, 0.1, 0.5, 0.9
    QVERIFY(std::abs(document[u"gini"].toDouble() - (-0.1 + 0.5 + 3 * 0.9) / 6) < 1e-12);
    QCOMPARE(document[u"nonzero_heads"].toInt(), 3);
    const QJsonObject first = document[u"top"][0].toObject();
    QVERIFY(std::abs(first[u"standard_error"].toDouble() - std::sqrt(0.02 / 3 / 4)) < 1e-12);
    const double low = first[u"interval"][0].toDouble(), high = first[u"interval"][1].toDouble();
    QVERIFY(low >= 0.8 && low < 0.9 && high > 0.9 && high <= 1);
    QCOMPARE(first[u"rank_interval"].toArray(), (QJsonArray{1, 1})); // above the second in every case
    const QJsonObject half = document[u"split_half"].toObject();
    QCOMPARE(half[u"cases"].toInt(), 2);
    QCOMPARE(half[u"splits"].toInt(), 100);
    QVERIFY(half[u"correlation"].toDouble() > 0.9);
    QCOMPARE(half[u"curve"].toArray().size(), 2);
    QVERIFY(half[u"cases_for"][u"0.9"].toDouble() >= 1);
    QVERIFY(std::abs(document[u"group_share"][0][0].toDouble() - 0.4) < 1e-12);
    QCOMPARE(scores({"--kv-heads", "1"}).out, result.out); // the same seed, the same figures
    QVERIFY(scores({"--kv-heads", "1", "--seed", "1"}).out != result.out);
    const QJsonObject bare = scores({"--resamples", "0", "--splits", "0"}).json();
    QVERIFY(!bare.contains(u"split_half") && !bare[u"top"][0].toObject().contains(u"interval"));
    const Result table = run({"scores", path("sure.json"), "--compare", path("hand.json")});
    QVERIFY2(table.out.contains("two halves of 2 cases") && table.out.contains("Gini 0.517"), table.out);
    QVERIFY2(table.out.contains("overlap of the top 10 / 20 / 50 / 100: 1.00 / "), table.out);
}

void CommandLineTest::generateGreedily()
{
    const Result result = run({"generate", tiny, "--ids-file", path("ids.json"), "--method", "full", "--max-new-tokens",
                               "12", "--ignore-eos", "--dtype", "float32", "--json", "--report", path("run.json")});
    QVERIFY2(result.status == 0, result.err);
    QCOMPARE(result.json()[u"emitted_ids"].toArray(), m_golden[u"models"][u"f32"][u"greedy"].toArray());
    QCOMPARE(result.json()[u"timings"][u"per_token_ms"].toArray().size(), 12);
    QCOMPARE(result.json()[u"memory"][u"kv_bytes_end"].toInt(), (48 + 11) * 512);
    QCOMPARE(readJson(path("run.json")), result.json());
}

void CommandLineTest::chatTextsOfTheUser()
{
    const auto promptIds = [this](const QStringList &more) {
        const Result result =
            run(QStringList{"generate", tiny, "--prompt", "the", "--max-new-tokens", "1", "--json"} + more);
        return result.json()[u"prompt_ids"].toArray();
    };
    const auto idsOf = [this](const QString &text) {
        return run({"tokenize", tiny, "--text", text, "--json"}).json()[u"ids"].toArray();
    };
    QCOMPARE(promptIds({}), idsOf("<|im_start|>user\nthe<|im_end|>\n<|im_start|>assistant\n"));
    QCOMPARE(promptIds({"--chat-prefix", "in ", "--chat-suffix", "\\nis"}), idsOf("in the\nis"));
}

void CommandLineTest::readsFolders()
{
    const QString folder = QStringLiteral(HEADKV_GOLDENS "/families/gemma3");
    for (const QString &name : {folder, folder + "/", folder + "/model.safetensors", folder + "/config.json"}) {
        const Result result = run({"info", name, "--json"});
        QVERIFY2(result.status == 0, result.err);
        QCOMPARE(result.json()[u"architecture"].toString(), QString("gemma3_text"));
        QCOMPARE(result.json()[u"name"].toString(), QString("gemma3"));
        QCOMPARE(result.json()[u"layers"].toInt(), 7);
    }
    const Result ids = run({"logprobs", folder, "--ids", "1,2,3", "--json"});
    QCOMPARE(ids.json()[u"token_logprobs"].toArray().size(), 2);
    const Result text = run({"logprobs", folder, "--text", "a"});
    QCOMPARE(text.status, 3);
    QVERIFY2(text.err.contains("no tokenizer: the model comes without one"), text.err);
    const Result empty = run({"info", m_folder.path()});
    QCOMPARE(empty.status, 3);
    QVERIFY2(empty.err.contains("config.json"), empty.err);
}

/// A vocabulary needs no known architecture.
void CommandLineTest::readsTokenizersOfUnknownFamilies()
{
    QFile whole(QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-vocabulary.gguf"));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    write("unknown.gguf", whole.readAll().replace("\x05\0\0\0\0\0\0\0llama", 13, "\x05\0\0\0\0\0\0\0xlama", 13));
    const Result info = run({"info", path("unknown.gguf"), "--json"});
    QVERIFY2(info.status == 0, info.err);
    QCOMPARE(info.json()[u"architecture"].toString(), QString("xlama"));
    const auto idsOf = [this](const QString &model) {
        return run({"tokenize", model, "--text", "the inn", "--json"}).json()[u"ids"].toArray();
    };
    QVERIFY(!idsOf(tiny).isEmpty());
    QCOMPARE(idsOf(path("unknown.gguf")), idsOf(tiny));

    // A folder with nothing but a tokenizer.
    QVERIFY(QFile::copy(QStringLiteral(HEADKV_GOLDENS "/tokenizer/bpe.model"), path("tokenizer.model")));
    QVERIFY(!idsOf(m_folder.path()).isEmpty());
}

void CommandLineTest::allocate()
{
    const Result result = run({"allocate", path("importance.json"), "--method", "headkv", "--budget", "28", "--window",
                               "8", "--beta", "2", "--beta-curve", "--json", "--out", path("budgets.json")});
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject document = QJsonDocument::fromJson(result.out).object();
    QCOMPARE(document, readJson(path("budgets.json")));
    // b = 20, q = 10, a pool of 40: 10 + 40·(3, 1, 0, 4)/8
    QCOMPARE(document[u"capacities"].toArray(), (QJsonArray{QJsonArray{25, 15}, QJsonArray{10, 30}}));
    QCOMPARE(document[u"total"].toInt(), 80);
    QCOMPARE(document[u"nominal_total"].toInt(), 80);
    QVERIFY(document[u"kv_bytes"].isNull()); // the size of a head is not known
    QVERIFY(document[u"beta_curve"].toArray().size() > 8);

    const Result model = run({"allocate", "--model", tiny, "--method", "streaming", "--budget", "32", "--granularity",
                              "kv-head", "--prompt-length", "100", "--json"});
    QVERIFY2(model.status == 0, model.err);
    const QJsonObject bytes = QJsonDocument::fromJson(model.out).object();
    const QJsonObject info = QJsonDocument::fromJson(run({"info", tiny, "--json"}).out).object();
    QCOMPARE(bytes[u"full_kv_bytes"].toInt(), 100 * info[u"kv_bytes_per_token"].toInt());
    QCOMPARE(bytes[u"kv_bytes"].toInt(), 32 * info[u"kv_bytes_per_token"].toInt());
    QCOMPARE(bytes[u"share_of_full"].toDouble(), 0.32);
}

void CommandLineTest::generateCompressed_data()
{
    QTest::addColumn<QString>("method");
    for (const char *method : {"full", "streaming", "h2o", "snapkv", "pyramidkv", "ada-snapkv", "razor", "headkv"})
        QTest::addRow("%s", method) << method;
}

/// The report's bytes are those of the tokens that it says are held.
void CommandLineTest::generateCompressed()
{
    QFETCH(QString, method);
    const QJsonObject info = QJsonDocument::fromJson(run({"info", tiny, "--json"}).out).object();
    QByteArray scores = "{";
    for (int layer = 0; layer < info[u"layers"].toInt(); ++layer) {
        for (int head = 0; head < info[u"query_heads"].toInt(); ++head)
            scores += (scores.size() > 1 ? ",\"" : "\"") + QByteArray::number(layer) + '-' + QByteArray::number(head) +
                      "\":[" + QByteArray::number(1 + layer + 3 * head) + ']';
    }
    write("heads.json", scores + '}');
    for (const char *granularity : {"", "query-head", "kv-head"}) {
        const QStringList given = *granularity ? QStringList{"--granularity", granularity} : QStringList();
        const Result result = run(QStringList{"generate", tiny, "--ids-file", path("ids.json"), "--method", method,
                                              "--budget", "20", "--window", "8", "--scores", path("heads.json"),
                                              "--max-new-tokens", "5", "--ignore-eos", "--report-cache", "--json"} +
                                  given);
        QVERIFY2(result.status == 0, result.err);
        const QJsonObject report = QJsonDocument::fromJson(result.out).object();
        const bool byKvHead = report[u"cache"][u"granularity"] == QStringLiteral("kv-head");
        QCOMPARE(byKvHead, granularity == QByteArray("kv-head") || (given.isEmpty() && method == "full"));
        const int lists = byKvHead ? info[u"kv_heads"].toInt() : info[u"query_heads"].toInt();
        int entries = 0;
        for (const QJsonValue layer : report[u"cache"][u"lengths"].toArray()) {
            QCOMPARE(layer.toArray().size(), lists);
            for (const QJsonValue length : layer.toArray())
                entries += length.toInt();
        }
        const int perEntry = info[u"kv_bytes_per_token"].toInt() / info[u"layers"].toInt() / info[u"kv_heads"].toInt();
        QCOMPARE(report[u"memory"][u"kv_bytes_after_prefill"].toInt(), entries * perEntry);
        QCOMPARE(report[u"memory"][u"kv_bytes_end"].toInt(),
                 (entries + 4 * lists * info[u"layers"].toInt()) * perEntry); // the fifth is never fed back
        QCOMPARE(report[u"emitted_ids"].toArray().size(), 5);
        QCOMPARE(report[u"timings"][u"per_token_ms"].toArray().size(), 5);
        const int last = report[u"prompt_tokens"].toInt() - 1;
        for (const QJsonValue layer : report[u"cache"][u"kept"].toArray()) {
            for (const QJsonValue list : layer.toArray())
                QCOMPARE(list.toArray().last().toInt(), last);
        }
    }
}

void CommandLineTest::generateComparesWithFullKv()
{
    const auto compared = [this](const QString &method) {
        const Result result =
            run({"generate", tiny, "--ids-file", path("ids.json"), "--method", method, "--budget", "12", "--window",
                 "8", "--max-new-tokens", "6", "--ignore-eos", "--compare-full", "--json"});
        return QJsonDocument::fromJson(result.out).object()[u"agreement"].toObject();
    };
    const QJsonObject full = compared("full");
    QCOMPARE(full[u"tokens"].toInt(), 6);
    QCOMPARE(full[u"same_next_token"].toDouble(), 1.0);
    QVERIFY(full[u"mean_kl"].toDouble() < 1e-9);
    const QJsonObject compressed = compared("streaming");
    QCOMPARE(compressed[u"tokens"].toInt(), 6);
    QVERIFY(compressed[u"mean_kl"].toDouble() > full[u"mean_kl"].toDouble());
}

void CommandLineTest::benchMeasuresEachCell()
{
    const Result result = run({"bench", tiny, "--prompt-lengths", "40,20", "--new-tokens", "1,6", "--methods",
                               "full,streaming", "--budgets", "12,16", "--repeat", "2", "--json"});
    QVERIFY2(result.status == 0, result.err);
    const QJsonArray rows = QJsonDocument::fromJson(result.out).object()[u"rows"].toArray();
    QCOMPARE(rows.size(), 2 * 3 * 2); // FullKV has no budget
    const QJsonObject first = rows[0].toObject();
    QCOMPARE(first[u"prompt_tokens"].toInt(), 40);
    QCOMPARE(first[u"new_tokens"].toInt(), 1);
    QVERIFY(first[u"budget"].isNull());
    QCOMPARE(first[u"decode_tokens_per_s"].toDouble(), 0.0); // the first token comes of prefill
    const QJsonObject last = rows[3].toObject();
    QCOMPARE(last[u"method"].toString(), QString("streaming"));
    QCOMPARE(last[u"budget"].toInt(), 12);
    QCOMPARE(last[u"new_tokens"].toInt(), 6);
    QVERIFY(last[u"decode_tokens_per_s"].toDouble() > 0 && last[u"prefill_tokens_per_s"].toDouble() > 0);
    QVERIFY(last[u"total_s"].toDouble() > rows[2].toObject()[u"total_s"].toDouble());
    QVERIFY(last[u"kv_bytes_peak"].toInt() < rows[1].toObject()[u"kv_bytes_peak"].toInt());
    QVERIFY(last[u"rss_peak_bytes"].toDouble() > last[u"kv_bytes_peak"].toDouble());
}

/// The numbers of the figure are the report's; each format is what its name says.
void CommandLineTest::figureDrawsTheBench()
{
    const Result bench = run({"bench", tiny, "--prompt-lengths", "20,40", "--new-tokens", "6", "--methods", "streaming",
                              "--budgets", "12,16", "--repeat", "1", "--out", path("bench.json")});
    QVERIFY2(bench.status == 0, bench.err);
    for (const char *suffix : {"csv", "png", "svg", "pdf"}) {
        const Result result =
            run({"figure", "efficiency", path("bench.json"), "--out", path("efficiency.") + QString(suffix)});
        QVERIFY2(result.status == 0 && result.err.isEmpty(), result.err);
    }
    const auto contents = [](const QString &file) {
        QFile opened(file);
        return opened.open(QIODevice::ReadOnly) ? opened.readAll() : QByteArray();
    };
    const QJsonArray rows = QJsonDocument::fromJson(contents(path("bench.json"))).object()[u"rows"].toArray();
    const QJsonObject last = rows[3].toObject(); // 40 tokens, budget 16
    QCOMPARE(last[u"kept_tokens"].toDouble(), 16.0);
    const QList<QByteArray> lines = contents(path("efficiency.csv")).split('\n');
    QCOMPARE(lines[0], QByteArray("panel,series,Prompt tokens,Seconds"));
    const QList<QByteArray> prefill = lines[4].split(',');
    QCOMPARE(prefill.mid(0, 3), (QList<QByteArray>{"Prefill", "streaming 16", "40"}));
    QVERIFY(std::abs(prefill[3].toDouble() * last[u"prefill_tokens_per_s"].toDouble() - 40) < 1e-6);
    QVERIFY(contents(path("efficiency.png")).startsWith("\x89PNG"));
    QVERIFY(contents(path("efficiency.svg")).contains("streaming 16</text>"));
    QVERIFY(contents(path("efficiency.pdf")).startsWith("%PDF"));
}

void CommandLineTest::figureDrawsScores_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("header");
    QTest::addColumn<int>("rows");
    QTest::addColumn<QString>("says"); // in the picture
    const QString hand = path("hand.json"), other = path("importance.json");
    const auto row = [](const char *name, const QStringList &arguments, const char *header, int rows,
                        const char *says) {
        QTest::newRow(name) << arguments << QString(header) << rows << QString(says);
    };
    row("one set", {"heatmap", hand}, "layer,query_head,Score,standard_error,share,rank", 4, ">hand<");
    row("log", {"heatmap", hand, "--scale", "log", "--colors", "magma", "--top", "2"},
        "layer,query_head,Score,standard_error,share,rank", 4, ">hand<");
    row("groups", {"heatmap", hand, "--kv-heads", "1", "--scale", "percentile", "--percentiles", "10,90"},
        "layer,kv_group,Score,standard_error,share,rank", 2, ">KV group<");
    row("two sets", {"heatmap", hand, other}, "panel,layer,query_head,Score,standard_error,share,rank", 8,
        ">importance<");
    row("lorenz", {"lorenz", hand, other}, "series,\"Share of heads, lowest first\",Share of the score", 12,
        "Gini 0.46");
    row("difference", {"difference", hand, other},
        "layer,query_head,Difference of shares,Share in hand,Rank in hand,Share in importance,Rank in importance", 4,
        ">hand less importance<");
}

void CommandLineTest::figureDrawsScores()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, header);
    QFETCH(int, rows);
    QFETCH(QString, says);
    const auto draw = [&](const QString &file) {
        const Result result = run(QStringList{"figure"} + arguments + QStringList{"--out", path(file)});
        QVERIFY2(result.status == 0 && result.err.isEmpty(), result.err);
    };
    const auto contents = [this](const QString &name) {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    draw("scores.csv");
    const QList<QByteArray> lines = contents("scores.csv").trimmed().split('\n');
    QCOMPARE(QString(lines.first()), header);
    QCOMPARE(lines.size() - 1, qsizetype(rows));
    draw("scores.svg");
    const QByteArray svg = contents("scores.svg");
    QVERIFY2(svg.contains(says.toUtf8()), svg);
    QVERIFY(!svg.contains("<image")); // cells are shapes
    draw("scores.pdf");
    QVERIFY(contents("scores.pdf").startsWith("%PDF"));
    draw("scores.png");
    QVERIFY(contents("scores.png").startsWith("\x89PNG"));
}

void CommandLineTest::figureOfBudgets()
{
    const Result budgets = run({"allocate", path("importance.json"), "--method", "headkv", "--budget", "28", "--window",
                                "8", "--beta", "2", "--out", path("capacities.json")});
    QVERIFY2(budgets.status == 0, budgets.err);
    const Result result = run({"figure", "heatmap", path("capacities.json"), "--out", path("capacities.csv")});
    QVERIFY2(result.status == 0, result.err);
    QFile file(path("capacities.csv"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(),
             QByteArray("layer,query_head,Capacity (tokens),rank\n0,0,25,2\n0,1,15,3\n1,0,10,4\n1,1,30,1\n"));
    const Result drawn = run({"figure", "heatmap", path("capacities.json"), "--out", path("capacities.svg")});
    QVERIFY2(drawn.status == 0, drawn.err);
    QFile picture(path("capacities.svg"));
    QVERIFY(picture.open(QIODevice::ReadOnly));
    QVERIFY(picture.readAll().contains(">headkv, budget 28, β 2<"));
}

void CommandLineTest::errors_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const QStringList &arguments, int status, const char *says) {
        QTest::newRow(name) << arguments << status << QString(says);
    };
    row("unknown command", {"frobnicate"}, 2, "--help");
    row("no model", {"info"}, 2, "MODEL");
    row("unknown option", {"info", tiny, "--frobnicate"}, 2, "frobnicate");
    row("absent model", {"info", "/no/such.gguf"}, 3, "/no/such.gguf");
    row("folder as model", {"info", "/tmp"}, 3, "folder");
    row("text as model", {"info", path("hay.txt")}, 3, "not a GGUF file");
    row("empty model", {"info", path("empty")}, 3, "not a GGUF file");
    row("cut model", {"info", path("cut.gguf")}, 3, "does not fit the file");
    row("cuda", {"info", tiny, "--device", "cuda"}, 2, "CPU");
    row("int4 in float32", {"info", tiny, "--weights", "int4", "--dtype", "float32"}, 2, "--dtype float32");
    row("weights", {"info", tiny, "--weights", "int5"}, 2, "int5");
    row("dtype", {"info", tiny, "--dtype", "float64"}, 2, "--dtype");
    row("threads", {"info", tiny, "--threads", "0"}, 2, "--threads");
    row("no text", {"tokenize", tiny}, 2, "--text");
    row("two texts", {"tokenize", tiny, "--text", "a", "--file", "b"}, 2, "--help");
    row("bad ids", {"logprobs", tiny, "--ids", "1,x"}, 2, "\"x\"");
    row("foreign id", {"logprobs", tiny, "--ids", "1,99999"}, 3, "99999");
    row("ids file", {"logprobs", tiny, "--ids-file", path("text.json")}, 3, "JSON array");
    row("no out", {"probe", tiny, "--kind", "retrieval"}, 2, "--out");
    row("kind", {"probe", tiny, "--kind", "no", "--out", path("x.json")}, 2, "--kind");
    row("scoring", {"probe", tiny, "--kind", "retrieval", "--scoring", "guessed", "--out", path("x.json")}, 2,
        "--scoring");
    row("resume nothing", {"probe", tiny, "--kind", "retrieval", "--resume", "--out", path("x.json")}, 2, "--report");
    row("resume text",
        {"probe", tiny, "--kind", "retrieval", "--lengths", "90", "--depths", "1", "--resume", "--report",
         path("hay.txt"), "--out", path("x.json")},
        3, "not JSON");
    row("mask no head", {"probe", tiny, "--kind", "retrieval", "--mask-heads", "1-0,2", "--out", path("x.json")}, 2,
        "LAYER-HEAD");
    row("mask foreign head",
        {"probe", tiny, "--kind", "retrieval", "--lengths", "90", "--depths", "1", "--mask-heads", "7-0", "--out",
         path("x.json")},
        2, "7-0");
    row("mask file", {"probe", tiny, "--kind", "retrieval", "--mask-heads", path("hay.txt"), "--out", path("x.json")},
        3, "LAYER-HEAD");
    row("mask foreign scores", {"mask", tiny, "--scores", path("small.json")}, 3, "small.json");
    row("mask counts", {"mask", tiny, "--scores", path("small.json"), "--counts", "1,x"}, 2, "--counts");
    row("filter", {"probe", tiny, "--kind", "retrieval", "--filter", "bleu:3", "--out", path("x.json")}, 2, "--filter");
    row("depth", {"probe", tiny, "--kind", "retrieval", "--depths", "0.5,1.5", "--out", path("x.json")}, 2, "depth");
    row("long", {"probe", tiny, "--kind", "retrieval", "--lengths", "4000", "--out", path("x.json")}, 2, "context");
    row("negative", {"probe", tiny, "--kind", "retrieval", "--lengths", "-5,9", "--out", path("x.json")}, 2, "");
    row("needles", {"probe", tiny, "--kind", "retrieval", "--needles", path("hay.txt"), "--out", path("x.json")}, 3,
        "line 1");
    row("no needles", {"needles", "--kind", "reasoning", "--count", "0"}, 2, "--count");
    row("too many needles", {"needles", "--kind", "reasoning", "--count", "10001"}, 2, "--count");
    row("needles of no kind", {"needles", "--count", "4"}, 2, "--kind");
    row("answer of no length", {"needles", "--kind", "reasoning", "--answer", "medium"}, 2, "--answer");
    row("needles nowhere", {"needles", "--kind", "retrieval", "--out", "/no/such/folder/x.jsonl"}, 2, "--out");
    row("out folder", {"probe", tiny, "--kind", "retrieval", "--out", "/no/such/folder/x.json"}, 2, "--out");
    row("scores", {"scores", path("hay.txt")}, 3, "JSON");
    row("method", {"generate", tiny, "--prompt", "a", "--method", "fifo"}, 2, "pyramidkv");
    row("no budget", {"generate", tiny, "--prompt", "a", "--method", "snapkv"}, 2, "--budget");
    row("small budget", {"generate", tiny, "--prompt", "a", "--method", "snapkv", "--budget", "4", "--window", "8"}, 2,
        "window of 8");
    row("no importance", {"generate", tiny, "--prompt", "a", "--method", "headkv", "--budget", "64"}, 2, "score file");
    row("scores of another shape",
        {"generate", tiny, "--prompt", "a", "--method", "headkv", "--budget", "64", "--scores",
         path("importance.json")},
        3, "importance.json");
    row("window", {"generate", tiny, "--prompt", "a", "--window", "some"}, 2, "--window");
    row("nothing to allocate to", {"allocate", "--method", "snapkv", "--budget", "64"}, 2, "--shape");
    row("shape", {"allocate", "--shape", "3x4x5", "--method", "snapkv", "--budget", "64"}, 2, "3x4x5");
    row("groups unknown",
        {"allocate", path("importance.json"), "--method", "headkv", "--budget", "64", "--granularity", "kv-head"}, 2,
        "LxHxKV");
    row("allocate ada", {"allocate", "--shape", "2x4", "--method", "ada-snapkv", "--budget", "64"}, 2,
        "--report-cache");
    row("allocate full", {"allocate", "--shape", "2x4", "--method", "full"}, 2, "length");
    row("temperature", {"generate", tiny, "--prompt", "a", "--temperature", "-1"}, 2, "temperature");
    row("scores over the model", {"probe", tiny, "--kind", "retrieval", "--out", tiny}, 2, "same file as MODEL");
    row("report over the scores",
        {"probe", tiny, "--kind", "retrieval", "--out", path("x.json"), "--report", path("x.json")}, 2,
        "same file as --out");
    row("meta over the report",
        {"probe", tiny, "--kind", "retrieval", "--out", path("x.json"), "--report", path("x.meta.json")}, 2,
        ".meta.json");
    row("analysis over the scores", {"scores", path("hay.txt"), "--out", path("hay.txt")}, 2, "same file as FILE");
    row("report over the prompt", {"generate", tiny, "--prompt-file", path("hay.txt"), "--report", path("hay.txt")}, 2,
        "same file as --prompt-file");
    row("bench beyond the context", {"bench", tiny, "--prompt-lengths", "99999", "--methods", "full"}, 2, "context");
    row("bench without scores", {"bench", tiny, "--methods", "headkv"}, 2, "importance");
    row("bench an unknown method", {"bench", tiny, "--methods", "magic"}, 2, "magic");
    row("figure of no bench", {"figure", "efficiency", path("hay.txt"), "--out", path("x.png")}, 3, "headkv bench");
    row("figure of no format", {"figure", "efficiency", path("hay.txt"), "--out", path("x.jpg")}, 2, ".svg");
    row("figure size", {"figure", "efficiency", path("hay.txt"), "--out", path("x.png"), "--size", "12"}, 2, "--size");
    row("heatmap of no scores", {"figure", "heatmap", path("hay.txt"), "--out", path("x.png")}, 3, "not JSON");
    row("heatmap of no budgets", {"figure", "heatmap", path("nobudget.json"), "--out", path("x.png")}, 3,
        "headkv allocate");
    row("heatmap of uneven budgets", {"figure", "heatmap", path("uneven.json"), "--out", path("x.png")}, 3, "differ");
    row("difference of one", {"figure", "difference", path("importance.json"), "--out", path("x.png")}, 2, "two");
    row("difference of shapes",
        {"figure", "difference", path("importance.json"), path("small.json"), "--out", path("x.png")}, 3,
        "cannot be compared");
    row("scores beside budgets",
        {"figure", "heatmap", path("importance.json"), path("even.json"), "--out", path("x.png")}, 2, "apart");
    row("percentiles", {"figure", "heatmap", path("importance.json"), "--percentiles", "9", "--out", path("x.png")}, 2,
        "--percentiles");
    row("figure kind", {"figure", "pie", path("importance.json"), "--out", path("x.png")}, 2, "KIND");
    row("figure over its file", {"figure", "lorenz", path("a.svg"), "--out", path("a.svg")}, 2, "same file as FILE");
    row("groups that do not fit", {"scores", path("importance.json"), "--kv-heads", "3"}, 2, "divides");
    row("bench no tokens", {"bench", tiny, "--new-tokens", "0", "--methods", "full"}, 2, "--new-tokens");
    row("two ways to begin", {"generate", tiny, "--prompt", "a", "--system", "b", "--chat-prefix", "c"}, 2, "--system");
    row("empty model name", {"info", ""}, 2, "MODEL");
    row("negative seed", {"generate", tiny, "--prompt", "a", "--seed", "-1"}, 2, "--seed");
    row("threads overflow", {"info", tiny, "--threads", "4294967297"}, 2, "--threads");
    row("top-p", {"generate", tiny, "--prompt", "a", "--top-p", "0"}, 2, "--top-p");
    row("cut ids", {"logprobs", tiny, "--ids-file", path("half.json")}, 3, "byte 7");
    row("probe a vocabulary",
        {"probe", HEADKV_GOLDENS "/tiny/tiny-vocabulary.gguf", "--kind", "retrieval", "--out", path("x.json")}, 3,
        "vocabulary");
    row("no prompt", {"generate", tiny}, 2, "--prompt");
}

void CommandLineTest::errors()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, status);
    QFETCH(QString, says);
    const Result result = run(arguments + QStringList{"--json"});
    QVERIFY2(result.status == status, result.err);
    QVERIFY(result.out.isEmpty());
    QCOMPARE(result.err.count('\n'), 1);
    QVERIFY2(result.err.startsWith("headkv: ") && result.err.contains(says.toUtf8()), result.err);
}

QTEST_GUILESS_MAIN(CommandLineTest)
#include "CommandLineTest.moc"
