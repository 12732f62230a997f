// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

class QSettings;

namespace headkv {

/// The files that were opened last, newest first, kept in the settings.
class RecentFiles : public QObject
{
    Q_OBJECT

public:
    static constexpr int most = 12;

    explicit RecentFiles(QSettings &settings, QObject *parent = nullptr);

    [[nodiscard]] QStringList files() const;
    void add(const QString &file);
    void remove(const QString &file);
    void clear();
    /// What a menu shows for it.
    [[nodiscard]] static QString title(const QString &file);

Q_SIGNALS:
    void changed();

private:
    void store(const QStringList &files);

    QSettings &m_settings;
};

} // namespace headkv
