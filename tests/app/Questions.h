// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QApplication>
#include <QStringList>
#include <QTimer>

namespace headkv {

/// Presses these buttons in message boxes that are still to come, one after another.
inline void answerQuestions(const QStringList &buttons)
{
    auto *timer = new QTimer(qApp);
    QObject::connect(timer, &QTimer::timeout, timer, [timer, left = buttons]() mutable {
        const QWidget *box = QApplication::activeModalWidget();
        if (!box)
            return;
        for (QAbstractButton *button : box->findChildren<QAbstractButton *>()) {
            if (button->text().remove(QLatin1Char('&')) != left.first())
                continue;
            left.removeFirst();
            if (left.isEmpty()) {
                timer->stop();
                timer->deleteLater();
            }
            return button->click();
        }
    });
    timer->start(0); // what runs meanwhile may be short
}

} // namespace headkv
