// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

namespace headkv {

class MainWindow;

/// Writes the window to a PNG once it is idle and leaves the program: with 0, or with 1 and the reason on stderr.
class Screenshot : public QObject
{
    Q_OBJECT

public:
    Screenshot(MainWindow &window, const QString &path);

private:
    void look();
    void fail(const QString &reason);

    MainWindow &m_window;
    QString m_path;
    int m_idleLooks = 0;
};

} // namespace headkv
