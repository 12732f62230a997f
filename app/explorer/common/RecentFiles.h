// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

class QSettings;

namespace headkv {

/// The files that were opened last, newest first, behind those that are pinned; kept in the settings.
class RecentFiles : public QObject
{
    Q_OBJECT

public:
    static constexpr int most = 12;

    explicit RecentFiles(QSettings &settings, QObject *parent = nullptr);

    /// The pinned ones first.
    [[nodiscard]] QStringList files() const;
    [[nodiscard]] bool isPinned(const QString &file) const;
    void add(const QString &file);
    /// A pinned file stays until it is unpinned or removed.
    void setPinned(const QString &file, bool pinned);
    void remove(const QString &file);
    /// All but the pinned ones.
    void clear();
    /// What a menu shows for it.
    [[nodiscard]] static QString title(const QString &file);

Q_SIGNALS:
    void changed();

private:
    [[nodiscard]] QStringList list(const QString &key) const;
    void store(const QStringList &pinned, const QStringList &others);

    QSettings &m_settings;
};

} // namespace headkv
