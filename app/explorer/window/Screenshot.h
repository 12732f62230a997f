// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPixmap>
#include <QString>

namespace headkv {

class MainWindow;

/// Writes the window to a PNG once it is idle, with the dialog that an action of it opens, and leaves the program: with
/// 0, or with 1 and the reason on stderr.
class Screenshot : public QObject
{
    Q_OBJECT

public:
    /// `action`: an id of the window's actions; empty: none.
    Screenshot(MainWindow &window, const QString &path, const QString &action = {});

private:
    void look();
    [[nodiscard]] QPixmap picture() const;
    void fail(const QString &reason);

    MainWindow &m_window;
    QString m_path;
    QString m_action; ///< still to be done
    int m_idleLooks = 0;
};

} // namespace headkv
