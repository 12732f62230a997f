// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/CommandTest.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace headkv;

class GenerateCommandTest : public CommandTest
{
    Q_OBJECT

private Q_SLOTS:
    void generateGreedily();
    void chatTextsOfTheUser();
    void allocate();
    void generateCompressed_data();
    void generateCompressed();
    void generateComparesWithFullKv();
    void benchMeasuresEachCell();
};

void GenerateCommandTest::generateGreedily()
{
    const CommandResult result =
        run({"generate", tiny, "--ids-file", path("ids.json"), "--method", "full", "--max-new-tokens", "12",
             "--ignore-eos", "--dtype", "float32", "--json", "--report", path("run.json")});
    QVERIFY2(result.status == 0, result.err);
    QCOMPARE(result.json()[u"emitted_ids"].toArray(), golden()[u"models"][u"f32"][u"greedy"].toArray());
    QCOMPARE(result.json()[u"timings"][u"per_token_ms"].toArray().size(), 12);
    QCOMPARE(result.json()[u"memory"][u"kv_bytes_end"].toInt(), (48 + 11) * 512);
    QCOMPARE(readJson(path("run.json")), result.json());
}

void GenerateCommandTest::chatTextsOfTheUser()
{
    const auto promptIds = [this](const QStringList &more) {
        const CommandResult result =
            run(QStringList{"generate", tiny, "--prompt", "the", "--max-new-tokens", "1", "--json"} + more);
        return result.json()[u"prompt_ids"].toArray();
    };
    const auto idsOf = [this](const QString &text) {
        return run({"tokenize", tiny, "--text", text, "--json"}).json()[u"ids"].toArray();
    };
    QCOMPARE(promptIds({}), idsOf("<|im_start|>user\nthe<|im_end|>\n<|im_start|>assistant\n"));
    QCOMPARE(promptIds({"--chat-prefix", "in ", "--chat-suffix", "\\nis"}), idsOf("in the\nis"));
}

void GenerateCommandTest::allocate()
{
    const CommandResult result =
        run({"allocate", path("importance.json"), "--method", "headkv", "--budget", "28", "--window", "8", "--beta",
             "2", "--beta-curve", "--json", "--out", path("budgets.json")});
    QVERIFY2(result.status == 0, result.err);
    const QJsonObject document = QJsonDocument::fromJson(result.out).object();
    QCOMPARE(document, readJson(path("budgets.json")));
    // b = 20, q = 10, a pool of 40: 10 + 40·(3, 1, 0, 4)/8
    QCOMPARE(document[u"capacities"].toArray(), (QJsonArray{QJsonArray{25, 15}, QJsonArray{10, 30}}));
    QCOMPARE(document[u"total"].toInt(), 80);
    QCOMPARE(document[u"nominal_total"].toInt(), 80);
    QVERIFY(document[u"kv_bytes"].isNull()); // the size of a head is not known
    QVERIFY(document[u"beta_curve"].toArray().size() > 8);

    const CommandResult model = run({"allocate", "--model", tiny, "--method", "streaming", "--budget", "32",
                                     "--granularity", "kv-head", "--prompt-length", "100", "--json"});
    QVERIFY2(model.status == 0, model.err);
    const QJsonObject bytes = QJsonDocument::fromJson(model.out).object();
    const QJsonObject info = QJsonDocument::fromJson(run({"info", tiny, "--json"}).out).object();
    QCOMPARE(bytes[u"full_kv_bytes"].toInt(), 100 * info[u"kv_bytes_per_token"].toInt());
    QCOMPARE(bytes[u"kv_bytes"].toInt(), 32 * info[u"kv_bytes_per_token"].toInt());
    QCOMPARE(bytes[u"share_of_full"].toDouble(), 0.32);
}

void GenerateCommandTest::generateCompressed_data()
{
    QTest::addColumn<QString>("method");
    for (const char *method : {"full", "streaming", "h2o", "snapkv", "pyramidkv", "ada-snapkv", "razor", "headkv"})
        QTest::addRow("%s", method) << method;
}

/// The report's bytes are those of the tokens that it says are held.
void GenerateCommandTest::generateCompressed()
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
        const CommandResult result =
            run(QStringList{"generate", tiny, "--ids-file", path("ids.json"), "--method", method, "--budget", "20",
                            "--window", "8", "--scores", path("heads.json"), "--max-new-tokens", "5", "--ignore-eos",
                            "--report-cache", "--json"} +
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

void GenerateCommandTest::generateComparesWithFullKv()
{
    const auto compared = [this](const QString &method) {
        const CommandResult result =
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

void GenerateCommandTest::benchMeasuresEachCell()
{
    const CommandResult result = run({"bench", tiny, "--prompt-lengths", "40,20", "--new-tokens", "1,6", "--methods",
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

QTEST_GUILESS_MAIN(GenerateCommandTest)
#include "GenerateCommandTest.moc"
