// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/CommandTest.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QProcess>
#include <QTest>
#include <cmath>

using namespace headkv;

class CommandLineTest : public CommandTest
{
    Q_OBJECT

private Q_SLOTS:
    void helpAtEachLevel();
    void saysThatOutputIsLost();
    void infoOfTinyModel();
    void infoOfVocabularyOnlyFile();
    void tokenizeAndBack();
    void logprobsEqualTheReference();
    void readsFolders();
    void readsTokenizersOfUnknownFamilies();
    void errors_data();
    void errors();
};

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
        const CommandResult result = run(command + QStringList{"--help"});
        QCOMPARE(result.status, 0);
        QVERIFY(result.out.contains("Usage: headkv"));
        QVERIFY(result.err.isEmpty());
    }
    QVERIFY(run({"--version"}).out.startsWith("headkv 0."));
}

void CommandLineTest::saysThatOutputIsLost()
{
    for (const QStringList &arguments : {QStringList{"--help"}, {"--version"}, {"allocate", "--help"}}) {
        QProcess process;
        process.setStandardOutputFile("/dev/full");
        process.start(HEADKV_BIN "/headkv", arguments);
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 1);
        QVERIFY(process.readAllStandardError().contains("standard output cannot be written"));
    }
}

void CommandLineTest::infoOfTinyModel()
{
    const CommandResult result = run({"info", tiny, "--json", "--dtype", "float32"});
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
    const CommandResult result = run({"info", HEADKV_GOLDENS "/tiny/tiny-vocabulary.gguf", "--json"});
    QCOMPARE(result.status, 0);
    QCOMPARE(result.json()[u"parameters"].toInt(), 0);
    QVERIFY(result.json()[u"vocab_size"].toInt() > 256);
}

void CommandLineTest::tokenizeAndBack()
{
    const QByteArray text = "the inn <|im_end|>\r\n  caf\xc3\xa9 \xf0\x9f\x98\x80 42";
    const CommandResult special = run({"tokenize", tiny, "--file", "-", "--pieces", "--json"}, text);
    QCOMPARE(special.status, 0);
    QVERIFY(special.json()[u"ids"].toArray().contains(2));
    QCOMPARE(special.json()[u"ids"].toArray().size(), special.json()[u"pieces"].toArray().size());
    const CommandResult plain = run({"tokenize", tiny, "--file", "-", "--no-special"}, text);
    QVERIFY(!plain.out.trimmed().split(',').contains("2"));
    const CommandResult back = run({"detokenize", tiny, "--ids", plain.out.trimmed(), "--json"});
    QCOMPARE(back.json()[u"text"].toString().toUtf8(), text);
    QCOMPARE(run({"tokenize", tiny, "--text", "", "--json"}).json()[u"ids"].toArray().size(), 0);
}

void CommandLineTest::logprobsEqualTheReference()
{
    const CommandResult result =
        run({"logprobs", tiny, "--ids-file", path("ids.json"), "--json", "--dtype", "float32", "--top", "3"});
    QCOMPARE(result.status, 0);
    const QJsonArray actual = result.json()[u"token_logprobs"].toArray();
    const QJsonArray expected = golden()[u"models"][u"f32"][u"token_logprobs"].toArray();
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

void CommandLineTest::readsFolders()
{
    const QString folder = QStringLiteral(HEADKV_GOLDENS "/families/gemma3");
    for (const QString &name : {folder, folder + "/", folder + "/model.safetensors", folder + "/config.json"}) {
        const CommandResult result = run({"info", name, "--json"});
        QVERIFY2(result.status == 0, result.err);
        QCOMPARE(result.json()[u"architecture"].toString(), QString("gemma3_text"));
        QCOMPARE(result.json()[u"name"].toString(), QString("gemma3"));
        QCOMPARE(result.json()[u"layers"].toInt(), 7);
    }
    const CommandResult ids = run({"logprobs", folder, "--ids", "1,2,3", "--json"});
    QCOMPARE(ids.json()[u"token_logprobs"].toArray().size(), 2);
    const CommandResult text = run({"logprobs", folder, "--text", "a"});
    QCOMPARE(text.status, 3);
    QVERIFY2(text.err.contains("no tokenizer: the model comes without one"), text.err);
    const CommandResult empty = run({"info", path(".")});
    QCOMPARE(empty.status, 3);
    QVERIFY2(empty.err.contains("config.json"), empty.err);
}

/// A vocabulary needs no known architecture.
void CommandLineTest::readsTokenizersOfUnknownFamilies()
{
    QFile whole(QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-vocabulary.gguf"));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    write("unknown.gguf", whole.readAll().replace("\x05\0\0\0\0\0\0\0llama", 13, "\x05\0\0\0\0\0\0\0xlama", 13));
    const CommandResult info = run({"info", path("unknown.gguf"), "--json"});
    QVERIFY2(info.status == 0, info.err);
    QCOMPARE(info.json()[u"architecture"].toString(), QString("xlama"));
    const auto idsOf = [this](const QString &model) {
        return run({"tokenize", model, "--text", "the inn", "--json"}).json()[u"ids"].toArray();
    };
    QVERIFY(!idsOf(tiny).isEmpty());
    QCOMPARE(idsOf(path("unknown.gguf")), idsOf(tiny));

    // A folder with nothing but a tokenizer.
    QVERIFY(QFile::copy(QStringLiteral(HEADKV_GOLDENS "/tokenizer/bpe.model"), path("tokenizer.model")));
    QVERIFY(!idsOf(path(".")).isEmpty());
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
    row("device", {"info", tiny, "--device", "gpu"}, 2, "there is no such device");
    row("cuda's number", {"info", tiny, "--device", "cuda:x"}, 2, "--device cuda:x");
    row("far device", {"info", tiny, "--device", "cuda:0,99"}, 2, "--device cuda:0,99");
    row("float16 on the CPU", {"info", tiny, "--device", "cpu", "--dtype", "float16"}, 2, "--dtype float16");
    row("int4 on a device", {"info", tiny, "--device", "tensors", "--weights", "int4"}, 2, "--weights int4");
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
        "not budgets of headkv allocate, or cut short");
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
    row("option twice", {"info", tiny, "--seed", "1", "--seed", "2"}, 2, "--seed is there more than once");
    row("evaluation as bench", {"figure", "efficiency", path("rows.json"), "--out", path("x.png")}, 3,
        "not a report of headkv bench, or cut short");
    row("figure nowhere", {"figure", "lorenz", path("small.json"), "--out", "/no/such/folder/x.svg"}, 2, "--out");
    row("task twice", {"evaluate", tiny, "--tasks", "niah,niah", "--out", path("x.json")}, 2, "--tasks");
    row("budget twice", {"evaluate", tiny, "--tasks", "niah", "--budgets", "64,64", "--out", path("x.json")}, 2,
        "--budgets");
    row("scores of two shapes", {"scores", path("small.json"), path("importance.json")}, 3, "1 × 2 are expected");
}

void CommandLineTest::errors()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, status);
    QFETCH(QString, says);
    const CommandResult result = run(arguments + QStringList{"--json"});
    QVERIFY2(result.status == status, result.err);
    QVERIFY(result.out.isEmpty());
    QCOMPARE(result.err.count('\n'), 1);
    QVERIFY2(result.err.startsWith("headkv: ") && result.err.contains(says.toUtf8()), result.err);
}

QTEST_GUILESS_MAIN(CommandLineTest)
#include "CommandLineTest.moc"
