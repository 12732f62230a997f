// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/CommandTest.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>
#include <cmath>

using namespace headkv;

class FigureCommandTest : public CommandTest
{
    Q_OBJECT

private Q_SLOTS:
    void figureDrawsTheBench();
    void figureDrawsScores_data();
    void figureDrawsScores();
    void figureOfBudgets();
    void figureForPaper();
    void figureThatIsTooSmall();
};

/// The numbers of the figure are the report's; each format is what its name says.
void FigureCommandTest::figureDrawsTheBench()
{
    const CommandResult bench = run({"bench", tiny, "--prompt-lengths", "20,40", "--new-tokens", "6", "--methods",
                                     "streaming", "--budgets", "12,16", "--repeat", "1", "--out", path("bench.json")});
    QVERIFY2(bench.status == 0, bench.err);
    for (const char *suffix : {"csv", "png", "svg", "pdf"}) {
        const CommandResult result =
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
    QVERIFY(contents(path("efficiency.svg")).contains("streaming 16\""));
    QVERIFY(contents(path("efficiency.pdf")).startsWith("%PDF"));
}

void FigureCommandTest::figureDrawsScores_data()
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

void FigureCommandTest::figureDrawsScores()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, header);
    QFETCH(int, rows);
    QFETCH(QString, says);
    const auto draw = [&](const QString &file) {
        const CommandResult result =
            run(QStringList{"figure"} + arguments + QStringList{"--keep-text", "--out", path(file)});
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

void FigureCommandTest::figureOfBudgets()
{
    const CommandResult budgets = run({"allocate", path("importance.json"), "--method", "headkv", "--budget", "28",
                                       "--window", "8", "--beta", "2", "--out", path("capacities.json")});
    QVERIFY2(budgets.status == 0, budgets.err);
    const CommandResult result = run({"figure", "heatmap", path("capacities.json"), "--out", path("capacities.csv")});
    QVERIFY2(result.status == 0, result.err);
    QFile file(path("capacities.csv"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(),
             QByteArray("layer,query_head,Capacity (tokens),rank\n0,0,25,2\n0,1,15,3\n1,0,10,4\n1,1,30,1\n"));
    const CommandResult drawn =
        run({"figure", "heatmap", path("capacities.json"), "--out", path("capacities.svg"), "--keep-text"});
    QVERIFY2(drawn.status == 0, drawn.err);
    QFile picture(path("capacities.svg"));
    QVERIFY(picture.open(QIODevice::ReadOnly));
    QVERIFY(picture.readAll().contains(">headkv, budget 28, β 2<"));
}

void FigureCommandTest::figureForPaper()
{
    const QStringList paper{"figure", "heatmap", path("hand.json"), "--size", "85x60mm", "--font-size", "8"};
    QVERIFY(run(paper + QStringList{"--dpi", "300", "--out", path("paper.png")}).status == 0);
    QFile png(path("paper.png"));
    QVERIFY(png.open(QIODevice::ReadOnly));
    const QByteArray header = png.read(24); // width and height stand big-endian behind IHDR
    const auto number = [&header](int at) {
        return static_cast<uchar>(header[at + 2]) * 256 + static_cast<uchar>(header[at + 3]);
    };
    QCOMPARE(number(16), 1004); // 85 mm at 300 dpi
    QCOMPARE(number(20), 709);
    QVERIFY(run(paper + QStringList{"--out", path("paper.svg")}).status == 0);
    QFile svg(path("paper.svg"));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    const QByteArray text = svg.readAll();
    QVERIFY(text.contains("width=\"85mm\" height=\"60mm\"") && !text.contains("<text"));
    for (const QStringList &wrong : {QStringList{"--size", "0x60mm"}, {"--size", "85mm"}, {"--font-size", "2"}}) {
        const CommandResult refused = run(paper.mid(0, 3) + wrong + QStringList{"--out", path("wrong.svg")});
        QVERIFY2(refused.status == 2 && refused.err.contains(wrong.first().toUtf8()), refused.err);
    }
}

/// One line that says which size would do; it does, and is not said of numbers, of the figure's own size, or in quiet.
void FigureCommandTest::figureThatIsTooSmall()
{
    const auto draw = [this](const QStringList &how, const char *file = "small.svg") {
        const CommandResult result =
            run(QStringList{"figure", "heatmap", path("hand.json"), "--out", path(file)} + how);
        if (result.status != 0)
            qWarning("%s", result.err.constData());
        return result.status == 0 ? result.err : QByteArray("failed");
    };
    for (const QStringList &how :
         {QStringList{"40x30mm", "--font-size", "8"}, {"40x30mm", "--dpi", "300"}, {"90x90"}}) {
        const QByteArray note = draw(QStringList{"--size"} + how);
        static const QRegularExpression form(
            "^note: [^\n]*small\\.svg: labels may run into each other at (\\w+); from (\\w+) on they do not[^\n]*\n$");
        const QRegularExpressionMatch match = form.match(QString::fromUtf8(note));
        QVERIFY2(match.hasMatch(), note);
        QCOMPARE(match.captured(1), how.first());
        QCOMPARE(draw(QStringList{"--size", match.captured(2)} + how.mid(1)), QByteArray());
    }
    QCOMPARE(draw({"--size", "90x90", "--quiet"}), QByteArray());
    QCOMPARE(draw({"--size", "90x90"}, "small.csv"), QByteArray());
    QCOMPARE(draw({}), QByteArray());
}

QTEST_GUILESS_MAIN(FigureCommandTest)
#include "FigureCommandTest.moc"
