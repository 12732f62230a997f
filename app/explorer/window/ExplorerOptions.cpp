// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/ExplorerOptions.h"

#include "sessions/SessionFile.h"

#include <QCommandLineParser>
#include <QRegularExpression>

namespace headkv {

namespace {

const QStringList themeNames{QStringLiteral("light"), QStringLiteral("dark"), QStringLiteral("system")};

QString notOneOf(const QString &option, const QString &value, const QStringList &names)
{
    return QStringLiteral("--%1 is %2, not one of %3").arg(option, value, names.join(QStringLiteral(", ")));
}

QString readSize(const QString &text, QSize &size)
{
    static const QRegularExpression form(QStringLiteral("^(\\d{3,5})x(\\d{3,5})$"));
    const QRegularExpressionMatch match = form.match(text);
    if (!match.hasMatch() || match.captured(1).toInt() > 16384 || match.captured(2).toInt() > 16384)
        return QStringLiteral("--size is %1, not WIDTHxHEIGHT in pixels, e.g. 1280x800").arg(text);
    size = {match.captured(1).toInt(), match.captured(2).toInt()};
    return {};
}

} // namespace

const QStringList &ExplorerOptions::pageNames()
{
    static const QStringList names{QStringLiteral("start"),  QStringLiteral("model"),  QStringLiteral("probe"),
                                   QStringLiteral("heads"),  QStringLiteral("budget"), QStringLiteral("generate"),
                                   QStringLiteral("compare")};
    return names;
}

ExplorerOptions ExplorerOptions::parse(const QStringList &arguments)
{
    QCommandLineParser parser;
    const QCommandLineOption help(QStringList{QStringLiteral("h"), QStringLiteral("help")});
    const QCommandLineOption version(QStringLiteral("version"));
    const QCommandLineOption page(QStringLiteral("page"), {}, QStringLiteral("NAME"));
    const QCommandLineOption theme(QStringLiteral("theme"), {}, QStringLiteral("NAME"));
    const QCommandLineOption size(QStringLiteral("size"), {}, QStringLiteral("WxH"));
    const QCommandLineOption screenshot(QStringLiteral("screenshot"), {}, QStringLiteral("FILE"));
    const QCommandLineOption save(QStringLiteral("save"), {}, QStringLiteral("FILE"));
    const QCommandLineOption action(QStringLiteral("action"), {}, QStringLiteral("ID"));
    parser.addOptions({help, version, page, theme, size, screenshot, action, save});

    ExplorerOptions options;
    if (!parser.parse(arguments)) {
        options.error = parser.errorText().remove(QLatin1Char('\n'));
        return options;
    }
    options.help = parser.isSet(help);
    options.version = parser.isSet(version);
    options.files = parser.positionalArguments();
    options.page = parser.value(page);
    options.screenshot = parser.value(screenshot);
    options.save = parser.value(save);
    options.action = parser.value(action);
    if (parser.isSet(page) && !pageNames().contains(options.page))
        options.error = notOneOf(QStringLiteral("page"), options.page, pageNames());
    if (parser.isSet(theme)) {
        if (!themeNames.contains(parser.value(theme)))
            options.error = notOneOf(QStringLiteral("theme"), parser.value(theme), themeNames);
        options.theme = themeModeFrom(parser.value(theme));
    }
    if (parser.isSet(size) && options.error.isEmpty())
        options.error = readSize(parser.value(size), options.size);
    if (parser.isSet(screenshot) && options.screenshot.isEmpty())
        options.error = QStringLiteral("--screenshot needs a file to write");
    if (parser.isSet(save) && !isSessionFile(options.save))
        options.error = QStringLiteral("--save is %1, not a file whose name ends in .hkv").arg(options.save);
    if (parser.isSet(action) && options.screenshot.isEmpty())
        options.error = QStringLiteral("--action goes with --screenshot only");
    return options;
}

QString ExplorerOptions::helpText()
{
    return QStringLiteral(
        "Usage: headkv-explorer [FILE...] [options]\n"
        "Explore the attention heads of a language model in a window.\n"
        "\n"
        "  FILE                a session (.hkv), a model (.gguf, a folder, or the word default), head scores\n"
        "                      or a report of headkv probe, generate or evaluate (.json)\n"
        "  --page NAME         the page to show: start, model, probe, heads, budget, generate, compare\n"
        "  --theme NAME        light, dark or system\n"
        "  --size WxH          the size of the window in pixels\n"
        "  --screenshot FILE   write the window as a PNG once all files are open, and exit\n"
        "  --action ID         before that, do what a menu does, so that its dialog is in the picture, e.g.\n"
        "                      file.export, file.exportAll, view.commands, edit.settings, help.shortcuts\n"
        "  --save FILE         save the session as FILE.hkv once all files are open, and exit\n"
        "  --version           print the version\n"
        "  -h, --help          print this\n"
        "\n"
        "Exit status: 0; 1 where the screenshot, the session or one of the files failed; 2 for a wrong option.\n");
}

} // namespace headkv
