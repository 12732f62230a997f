// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

namespace headkv {

class MainWindow;

/// Saves the session once the window is idle and leaves the program: with 0, or with 1 and the reason on stderr.
class SaveRun : public QObject
{
    Q_OBJECT

public:
    SaveRun(MainWindow &window, const QString &path);

private:
    void look();

    MainWindow &m_window;
    QString m_path;
    int m_idleLooks = 0;
};

} // namespace headkv
