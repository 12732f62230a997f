// SPDX-License-Identifier: GPL-3.0-or-later
// How long the first minutes' first seconds are: from the start of the process until the window's first picture is
// painted (goal: 1 s), and from the click on the sample session until its heatmap is (goal: 2 s). The benchmark starts
// itself anew for each run, so that loading the libraries counts.
#include "app/explorer/common/ActionRegistry.h"
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/window/MainWindow.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/theme/Resources.h"
#include "widgets/theme/Theme.h"

#include <QAction>
#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>
#include <QWindow>
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <unistd.h>
#include <vector>

using namespace headkv;

namespace {

constexpr auto once = "--once";

/// Of all threads of this process, which other programs on the machine do not lengthen.
double processorMilliseconds()
{
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return 1e3 * static_cast<double>(used.tv_sec) + 1e-6 * static_cast<double>(used.tv_nsec);
}

/// Since the system made this process: 22nd field of its stat, in ticks after boot.
double millisecondsSinceStart()
{
    QFile stat(QStringLiteral("/proc/self/stat"));
    if (!stat.open(QIODevice::ReadOnly))
        return -1;
    const QByteArray text = stat.readAll();
    const QList<QByteArray> fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    const double start = fields.at(19).toDouble() / static_cast<double>(sysconf(_SC_CLK_TCK));
    return 1e3 * (static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec) - start);
}

int run(int argc, char **argv)
{
    const QTemporaryDir folder;
    QSettings settings(folder.filePath(QStringLiteral("explorer.ini")), QSettings::IniFormat);
    QApplication application(argc, argv);
    initWidgetResources();
    Theme theme;
    theme.setMode(ThemeMode::Light);
    theme.apply(application);
    MainWindow window(theme, settings);
    window.show();
    while (!window.windowHandle() || !window.windowHandle()->isExposed())
        QApplication::processEvents();
    (void)window.grab(); // painted, whatever the platform does with it
    const double begun = processorMilliseconds();
    std::printf("%.0f %.0f ", millisecondsSinceStart(), begun);
    QElapsedTimer clock;
    clock.start();
    window.actions().action(QStringLiteral("file.sample"))->trigger();
    while (window.headsPage()->currentSet() < 0 || !window.isIdle() || !window.headsPage()->isVisible())
        QApplication::processEvents(QEventLoop::WaitForMoreEvents, 10);
    (void)window.grab();
    std::printf("%lld %.0f\n", static_cast<long long>(clock.elapsed()), processorMilliseconds() - begun);
    return window.headsPage()->heatmap()->data().values.empty() ? 1 : 0;
}

void report(const char *what, std::vector<double> milliseconds)
{
    std::ranges::sort(milliseconds);
    std::printf("%s: median %.0f ms, longest %.0f ms\n", what, milliseconds[milliseconds.size() / 2],
                milliseconds.back());
}

} // namespace

int main(int argc, char **argv)
{
    if (argc > 1 && QLatin1String(argv[1]) == QLatin1String(once))
        return run(argc, argv);
    const QCoreApplication application(argc, argv);
    constexpr std::array names{"first picture after the process began", "  processor time of that",
                               "sample session after the click", "  processor time of that"};
    std::array<std::vector<double>, names.size()> figures;
    for (int i = 0; i < 10; ++i) {
        QProcess process;
        process.start(QCoreApplication::applicationFilePath(), {once});
        if (!process.waitForFinished(60000) || process.exitCode() != 0) {
            std::fprintf(stderr, "%s", process.readAllStandardError().constData());
            return 1;
        }
        const QList<QByteArray> line = process.readAllStandardOutput().trimmed().split(' ');
        for (std::size_t figure = 0; figure < figures.size(); ++figure)
            figures[figure].push_back(line.at(static_cast<qsizetype>(figure)).toDouble());
    }
    for (std::size_t figure = 0; figure < figures.size(); ++figure)
        report(names[figure], figures[figure]);
    return 0;
}
