// SPDX-License-Identifier: GPL-3.0-or-later
// The manual page and the completions name what --help names, for each command.
#include "tests/cli/CommandTest.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>

using namespace headkv;

namespace {

QString reference(const QString &kind)
{
    QFile file(QStringLiteral(HEADKV_BIN "/../reference/headkv.") + kind);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QStringList firstGroups(const QString &text, const QString &pattern)
{
    QStringList found;
    const QRegularExpression form(pattern, QRegularExpression::MultilineOption);
    for (auto matches = form.globalMatch(text); matches.hasNext();)
        found.append(matches.next().captured(1));
    return found;
}

} // namespace

class ReferenceTest : public CommandTest
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void manualNamesAll();
    void completionsNameAll();
    void manualIsGoodTroff();
    void bashCompletes_data();
    void bashCompletes();

private:
    QStringList m_commands;
    QHash<QString, QStringList> m_options; ///< long names by command, as --help has them
};

void ReferenceTest::initTestCase()
{
    const QString help = QString::fromUtf8(run({"--help"}).out);
    m_commands = firstGroups(help.section("Subcommands:", 1), QStringLiteral("^  ([a-z]+) "));
    QVERIFY2(m_commands.size() >= 13 && m_commands.contains("probe"), qPrintable(m_commands.join(' ')));
    for (const QString &command : m_commands) {
        m_options[command] = firstGroups(QString::fromUtf8(run({command, "--help"}).out),
                                         QStringLiteral("^ {2,4}(?:-\\w,)?(--[a-z0-9-]+)"));
        QVERIFY2(m_options[command].contains("--json"), qPrintable(command));
    }
}

void ReferenceTest::manualNamesAll()
{
    QString manual = reference("man");
    QVERIFY(manual.startsWith(".\\\""));
    manual.remove('\\');
    for (const QString &command : m_commands) {
        const QString section = manual.section(".SS " + command + "\n", 1).section("\n.S", 0, 0);
        QVERIFY2(!section.isEmpty(), qPrintable(command));
        for (const QString &option : m_options[command])
            QVERIFY2(section.contains("fB" + option + "fR"), qPrintable(command + ' ' + option));
    }
    QVERIFY(manual.contains("130 cancelled"));
}

void ReferenceTest::completionsNameAll()
{
    for (const QString &shell : {QStringLiteral("bash"), QStringLiteral("zsh"), QStringLiteral("fish")}) {
        const QString text = reference(shell);
        QVERIFY(!text.isEmpty());
        for (const QString &command : m_commands) {
            QVERIFY2(text.contains(command), qPrintable(shell + ' ' + command));
            for (const QString &option : m_options[command]) {
                const QString shown = shell == "fish" ? " -l " + option.mid(2) + ' ' : option;
                QVERIFY2(text.contains(shown), qPrintable(shell + ' ' + command + ' ' + option));
            }
        }
    }
}

void ReferenceTest::manualIsGoodTroff()
{
    if (QStandardPaths::findExecutable("groff").isEmpty())
        QSKIP("groff is not installed");
    QProcess groff;
    groff.start("groff", {"-man", "-Tutf8", "-ww", "-z", HEADKV_BIN "/../reference/headkv.man"});
    QVERIFY(groff.waitForFinished(20000));
    QCOMPARE(QString::fromUtf8(groff.readAllStandardError()), QString());
}

void ReferenceTest::bashCompletes_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("expected");
    QTest::newRow("command") << QStringList{"headkv", "prob"} << "probe";
    QTest::newRow("option") << QStringList{"headkv", "probe", "--scor"} << "--scoring";
    QTest::newRow("value") << QStringList{"headkv", "probe", "--scoring", "f"} << "forced";
    QTest::newRow("another command's value") << QStringList{"headkv", "figure", "--theme", "d"} << "dark";
    QTest::newRow("a file") << QStringList{"headkv", "info", "x"} << "";
}

void ReferenceTest::bashCompletes()
{
    QFETCH(QStringList, words);
    QFETCH(QString, expected);
    QProcess bash;
    const QString script = "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _headkv; "
                           "echo -n \"${COMPREPLY[*]}\"";
    bash.start("bash", QStringList{"--norc", "-c", script, "bash", HEADKV_BIN "/../reference/headkv.bash"} + words);
    QVERIFY(bash.waitForFinished(20000));
    QCOMPARE(QString::fromUtf8(bash.readAllStandardError()), QString());
    QCOMPARE(QString::fromUtf8(bash.readAllStandardOutput()), expected);
}

QTEST_MAIN(ReferenceTest)
#include "ReferenceTest.moc"
