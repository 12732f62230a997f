// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/CommandTest.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>

namespace headkv {

const QString CommandTest::tiny = QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-f32.gguf");

QJsonObject CommandResult::json() const { return QJsonDocument::fromJson(out).object(); }

CommandTest::CommandTest()
    : m_golden(readJson(QStringLiteral(HEADKV_GOLDENS "/tiny/tiny.json")))
{
    if (m_golden.isEmpty())
        qFatal("the tiny model's reference cannot be read");
    writeInputs();
}

CommandResult CommandTest::run(const QStringList &arguments, const QByteArray &input)
{
    QProcess process;
    process.start(HEADKV_BIN "/headkv", arguments);
    process.write(input);
    process.closeWriteChannel();
    process.waitForFinished(60000);
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, process.readAllStandardOutput(),
            process.readAllStandardError()};
}

void CommandTest::write(const QString &name, const QByteArray &content) const
{
    QFile file(path(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("%s cannot be written", qPrintable(path(name)));
}

QJsonObject CommandTest::readJson(const QString &name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

QStringList CommandTest::probe(const QStringList &more) const
{
    return QStringList{"probe",      tiny,
                       "--needles",  path("needles.jsonl"),
                       "--haystack", path("hay.txt"),
                       "--out",      path("scores.json"),
                       "--dtype",    "float32"} +
           more;
}

void CommandTest::writeInputs() const
{
    write("needles.jsonl",
          R"({"needle":" The inn is on the hill.","question":"Where is the inn?","answer":"on the hill"})"
          "\n"
          R"({"needle":" Ten is an even thing.","question":"What is ten?","real_needle":"an even thing"})"
          "\n");
    write("hay.txt", "The rain is in the reed. An otter is on the shore and it is at rest. ");
    write("ids.json", QJsonDocument(golden()[u"ids"].toArray()).toJson());
    write("text.json", "\"a text\"");
    write("empty", "");
    write("half.json", "[1, 2,");
    write("rows.json", R"({"rows":[{"method":"full"}]})");
    write("nobudget.json", R"({"capacities":[[1,2]]})");
    write("uneven.json",
          R"({"method":"headkv","budget":9,"beta":2,"granularity":"query-head","capacities":[[1,2],[3]]})");
    write("even.json", R"({"method":"headkv","budget":9,"beta":2,"granularity":"query-head","capacities":[[1,2]]})");
    write("small.json", R"({"0-0":[3],"0-1":[1]})");
    write("hand.json", R"({"0-0":[0.0,0.2],"0-1":[0.5,0.5],"1-0":[0,0],"1-1":[1,0.2]})");
    write("importance.json", R"({"0-0":[3],"0-1":[1],"1-0":[0],"1-1":[4]})");
    QFile model(tiny);
    if (!model.open(QIODevice::ReadOnly))
        qFatal("the tiny model cannot be read");
    write("cut.gguf", model.read(100000));
}

} // namespace headkv
