// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/Screenshot.h"

#include "app/explorer/window/MainWindow.h"

#include <QCoreApplication>
#include <QPixmap>
#include <QTimer>
#include <cstdio>

namespace headkv {

Screenshot::Screenshot(MainWindow &window, const QString &path)
    : m_window(window)
    , m_path(path)
{
    auto *timer = new QTimer(this);
    connect(timer, &QTimer::timeout, this, &Screenshot::look);
    timer->start(100);
}

void Screenshot::look()
{
    // Charts redraw at the next turn of the event loop and estimates come a little later: idle for half a second.
    m_idleLooks = m_window.isIdle() ? m_idleLooks + 1 : 0;
    if (m_idleLooks < 5)
        return;
    if (!m_window.openFailures().isEmpty())
        return fail(m_window.openFailures().join(QStringLiteral("; ")));
    if (!m_window.grab().save(m_path, "PNG"))
        return fail(tr("cannot write %1; choose a folder that can be written to").arg(m_path));
    QCoreApplication::exit(0);
}

void Screenshot::fail(const QString &reason)
{
    std::fprintf(stderr, "headkv-explorer: %s\n", qPrintable(reason));
    QCoreApplication::exit(1);
}

} // namespace headkv
