// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/DocumentKeeper.h"
#include "app/explorer/window/ExplorerOptions.h"
#include "app/explorer/window/MainWindow.h"
#include "app/explorer/window/SaveRun.h"
#include "app/explorer/window/Screenshot.h"
#include "app/explorer/window/WindowDocuments.h"
#include "core/base/Installation.h"
#include "widgets/theme/Resources.h"

#include <QApplication>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <cstdio>
#include <memory>

namespace {

int run(QApplication &application, const headkv::ExplorerOptions &options)
{
    using namespace headkv;
    // A screenshot shows what its arguments say, whatever this user has set, and changes nothing of it.
    const bool picture = !options.screenshot.isEmpty();
    const bool alone = picture || !options.save.isEmpty(); // nobody works with the window
    const QTemporaryDir scratch;
    const auto settings =
        alone ? std::make_unique<QSettings>(scratch.filePath(QStringLiteral("explorer.ini")), QSettings::IniFormat)
              : std::make_unique<QSettings>();
    Theme theme;
    theme.setMode(options.theme.value_or(themeModeFrom(settings->value(QStringLiteral("theme")).toString())));
    theme.apply(application);
    MainWindow window(theme, *settings);
    if (options.size.isValid())
        window.resize(options.size);
    window.show();
    if (!options.page.isEmpty()) // also where a session says another
        QObject::connect(
            window.documents()->keeper(), &DocumentKeeper::opened, &window,
            [&window, &options] { window.showPage(options.page); }, Qt::SingleShotConnection);
    window.openFiles(options.files);
    if (!options.page.isEmpty())
        window.showPage(options.page);
    const std::unique_ptr<Screenshot> screenshot =
        picture ? std::make_unique<Screenshot>(window, options.screenshot, options.action) : nullptr;
    const auto save = options.save.isEmpty() ? nullptr : std::make_unique<SaveRun>(window, options.save);
    if (!alone)
        window.documents()->keeper()->keepCopies(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) +
                                                 QStringLiteral("/recovery"));
    return QApplication::exec();
}

} // namespace

int main(int argc, char **argv)
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));
    const headkv::ExplorerOptions options = headkv::ExplorerOptions::parse(arguments);
    if (!options.error.isEmpty()) {
        std::fprintf(stderr, "headkv-explorer: %s; see headkv-explorer --help\n", qPrintable(options.error));
        return 2;
    }
    if (options.help || options.version) {
        const QString text = options.help
                                 ? headkv::ExplorerOptions::helpText()
                                 : QStringLiteral("headkv-explorer %1\n").arg(QLatin1String(headkv::programVersion()));
        std::fputs(qPrintable(text), stdout);
        return 0;
    }
    QApplication::setDesktopFileName(QStringLiteral("headkv-explorer")); // the window's icon under Wayland
    QApplication::setApplicationName(QStringLiteral("HeadKV Explorer"));
    QApplication::setOrganizationName(QStringLiteral("HeadKV"));
    QApplication::setApplicationVersion(QLatin1String(headkv::programVersion()));
    QApplication application(argc, argv);
    headkv::initWidgetResources();
    return run(application, options);
}
