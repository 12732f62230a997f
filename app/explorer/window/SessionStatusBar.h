// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QLabel;
class QProgressBar;
class QPushButton;
class QStatusBar;

namespace headkv {

class ElidedLabel;
class Session;

/// The status bar: model, device, what runs with its bar, rate and time left and a way to cancel it, process memory.
class SessionStatusBar : public QObject
{
    Q_OBJECT

public:
    SessionStatusBar(Session &session, QStatusBar *bar);

private:
    void showModel();
    void showJob();
    void showMemory();

    Session &m_session;
    ElidedLabel *m_model;
    QLabel *m_device;
    QLabel *m_job;
    QProgressBar *m_bar;
    QPushButton *m_cancel;
    QLabel *m_memory;
};

} // namespace headkv
