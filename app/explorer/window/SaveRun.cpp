// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/SaveRun.h"

#include "app/explorer/window/DocumentKeeper.h"
#include "app/explorer/window/MainWindow.h"
#include "app/explorer/window/WindowDocuments.h"

#include <QCoreApplication>
#include <QTimer>
#include <cstdio>

namespace headkv {

SaveRun::SaveRun(MainWindow &window, const QString &path)
    : m_window(window)
    , m_path(path)
{
    auto *timer = new QTimer(this);
    connect(timer, &QTimer::timeout, this, &SaveRun::look);
    timer->start(100);
}

void SaveRun::look()
{
    m_idleLooks = m_window.isIdle() ? m_idleLooks + 1 : 0;
    if (m_idleLooks < 5) // of files that are opened one after another
        return;
    const QStringList &failures = m_window.openFailures();
    const QString problem =
        failures.isEmpty() ? m_window.documents()->keeper()->saveTo(m_path) : failures.join(QStringLiteral("; "));
    if (!problem.isEmpty())
        std::fprintf(stderr, "headkv-explorer: %s\n", qPrintable(problem));
    QCoreApplication::exit(problem.isEmpty() ? 0 : 1);
}

} // namespace headkv
