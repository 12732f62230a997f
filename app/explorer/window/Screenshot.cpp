// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/Screenshot.h"

#include "app/explorer/window/MainWindow.h"

#include <QAction>
#include <QApplication>
#include <QPainter>
#include <QTimer>
#include <cstdio>
#include <utility>

namespace headkv {

Screenshot::Screenshot(MainWindow &window, const QString &path, const QString &action)
    : m_window(window)
    , m_path(path)
    , m_action(action)
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
    if (!m_action.isEmpty()) {
        QAction *action = m_window.actions().action(std::exchange(m_action, {}));
        if (!action || !action->isEnabled())
            return fail(tr("the action that was asked for is not there or cannot be done now"));
        m_idleLooks = 0;
        // Later: a dialog keeps the call until it is closed, and the timer does not fire meanwhile.
        QMetaObject::invokeMethod(action, &QAction::trigger, Qt::QueuedConnection);
        return;
    }
    if (!picture().save(m_path, "PNG"))
        return fail(tr("cannot write %1; choose a folder that can be written to").arg(m_path));
    QCoreApplication::exit(0);
}

QPixmap Screenshot::picture() const
{
    QPixmap picture = m_window.grab();
    QWidget *popup = QApplication::activePopupWidget();
    if (QWidget *dialog = popup ? popup : QApplication::activeModalWidget()) {
        QPainter painter(&picture);
        // A dialog in the middle, where a desktop puts it; without one it may stand anywhere.
        const QPoint at = popup ? popup->mapToGlobal(QPoint()) - m_window.mapToGlobal(QPoint())
                                : m_window.rect().center() - dialog->rect().center();
        painter.drawPixmap(at, dialog->grab());
        painter.setPen(dialog->palette().color(QPalette::Dark)); // in place of the frame that a desktop gives it
        painter.drawRect(QRect(at, dialog->size()).adjusted(-1, -1, 0, 0));
    }
    return picture;
}

void Screenshot::fail(const QString &reason)
{
    std::fprintf(stderr, "headkv-explorer: %s\n", qPrintable(reason));
    QCoreApplication::exit(1);
}

} // namespace headkv
