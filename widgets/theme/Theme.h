// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPalette>
#include <QString>

class QApplication;

namespace headkv {

class SystemTheme;

enum class ThemeMode { Light, Dark, System };

[[nodiscard]] QString toString(ThemeMode mode); ///< "light", "dark", "system"
/// The way back; System for anything else.
[[nodiscard]] ThemeMode themeModeFrom(const QString &name);

/// The look of the program: Fusion with a palette and a small style sheet. Make one after QApplication, before the
/// windows, and keep it as long as the application. Widgets restyle by QEvent::PaletteChange, so nothing has to know
/// it.
class Theme : public QObject
{
    Q_OBJECT
public:
    static constexpr int spacing = 8; ///< the step of all margins and gaps

    explicit Theme(QObject *parent = nullptr);

    [[nodiscard]] ThemeMode mode() const { return m_mode; }
    void setMode(ThemeMode mode);
    /// Gives the application style, palette and style sheet; again on each change of mode.
    void apply(QApplication &application);
    [[nodiscard]] bool isDark() const;

    [[nodiscard]] static QPalette palette(bool dark);
    [[nodiscard]] static QString styleSheet(bool dark);
    /// Whether the desktop is set to dark, where it can be known; else false.
    [[nodiscard]] bool systemIsDark() const;

Q_SIGNALS:
    /// After the palette has changed.
    void changed();

private:
    ThemeMode m_mode = ThemeMode::System;
    SystemTheme *m_system;
    QApplication *m_application = nullptr;
};

} // namespace headkv
