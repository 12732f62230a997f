// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusVariant>
#include <QObject>
#include <QString>
#include <optional>

namespace headkv {

/// Whether the desktop is set to dark. What is asked, the first that answers: the desktop portal (which also says when
/// it changes), GTK_THEME, the settings files of KDE or GTK, the platform's palette. Before Qt 6.5, Qt itself does not
/// know. Make one before the program sets a palette of its own.
class SystemTheme : public QObject
{
    Q_OBJECT
public:
    explicit SystemTheme(QObject *parent = nullptr);

    [[nodiscard]] bool isDark() const;
    /// What kdeglobals, where `desktop` ($XDG_CURRENT_DESKTOP) names KDE, else GTK's settings.ini say. Nothing: they
    /// are not there, or silent.
    [[nodiscard]] static std::optional<bool> fromFiles(const QString &configFolder, const QString &desktop);

Q_SIGNALS:
    void changed();

private:
    void askPortal();
    void take(const QVariant &scheme);

    std::optional<bool> m_portal;
    bool m_otherwise = false; ///< what all but the portal said at the start

private Q_SLOTS:
    void settingChanged(const QString &group, const QString &key, const QDBusVariant &value);
};

} // namespace headkv
