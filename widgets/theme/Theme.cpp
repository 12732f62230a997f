// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/Theme.h"

#include "widgets/theme/ChartStyle.h"
#include "widgets/theme/Resources.h"
#include "widgets/theme/SystemTheme.h"

#include <QApplication>
#include <QFile>
#include <QStyle>
#include <QStyleFactory>

namespace headkv {

namespace {

/// What the palette and the style sheet are made of.
struct Colors
{
    const char *window, *base, *alternate, *raised, *hover, *pressed, *border, *edge, *text, *muted, *disabled, *accent,
        *accentHover, *onAccent, *link, *track, *chunk, *handle;
};

// edge, the outline of what can be operated, has a contrast of 3 with window and base; text and muted of 4.5 and more.
constexpr Colors lightColors{"#f5f6f8", "#ffffff", "#f0f2f4", "#ffffff", "#eef1f5", "#e1e6ec",
                             "#d9dde2", "#868e98", "#1f2328", "#57606a", "#8b949e", "#0b62c4",
                             "#0a56ac", "#ffffff", "#0b57ad", "#dfe3e8", "#a9cdf4", "#c3c8cf"};
constexpr Colors darkColors{"#17191d", "#1e2126", "#23272d", "#282c33", "#323840", "#3b424c",
                            "#373d46", "#79828e", "#e8eaed", "#a6aeb8", "#6c7580", "#6db3ff",
                            "#8cc4ff", "#0c1a2b", "#8cc4ff", "#333941", "#2d5f94", "#4a515a"};

const Colors &colors(bool dark) { return dark ? darkColors : lightColors; }

} // namespace

QString toString(ThemeMode mode)
{
    switch (mode) {
    case ThemeMode::Light:
        return QStringLiteral("light");
    case ThemeMode::Dark:
        return QStringLiteral("dark");
    case ThemeMode::System:
        break;
    }
    return QStringLiteral("system");
}

ThemeMode themeModeFrom(const QString &name)
{
    if (name == QLatin1String("light")) {
        return ThemeMode::Light;
    }
    return name == QLatin1String("dark") ? ThemeMode::Dark : ThemeMode::System;
}

Theme::Theme(QObject *parent)
    : QObject(parent)
    , m_system(new SystemTheme(this))
{
    connect(m_system, &SystemTheme::changed, this, [this] {
        if (m_application && m_mode == ThemeMode::System) {
            apply(*m_application);
        }
    });
}

void Theme::setMode(ThemeMode mode)
{
    if (m_mode == mode) {
        return;
    }
    m_mode = mode;
    if (m_application) {
        apply(*m_application);
    }
}

bool Theme::systemIsDark() const { return m_system->isDark(); }

bool Theme::isDark() const { return m_mode == ThemeMode::System ? systemIsDark() : m_mode == ThemeMode::Dark; }

void Theme::apply(QApplication &application)
{
    if (!m_application) {
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    }
    m_application = &application;
    QApplication::setPalette(palette(isDark()));
    application.setStyleSheet(styleSheet(isDark()));
    Q_EMIT changed();
}

QPalette Theme::palette(bool dark)
{
    const Colors &c = colors(dark);
    QPalette palette;
    const auto set = [&palette](QPalette::ColorRole role, const char *color) {
        palette.setColor(role, QColor(QLatin1String(color)));
    };
    set(QPalette::Window, c.window);
    set(QPalette::WindowText, c.text);
    set(QPalette::Base, c.base);
    set(QPalette::AlternateBase, c.alternate);
    set(QPalette::Text, c.text);
    set(QPalette::Button, c.raised);
    set(QPalette::ButtonText, c.text);
    set(QPalette::BrightText, c.onAccent);
    set(QPalette::ToolTipBase, c.raised);
    set(QPalette::ToolTipText, c.text);
    set(QPalette::PlaceholderText, c.muted);
    set(QPalette::Highlight, c.accent);
    set(QPalette::HighlightedText, c.onAccent);
    set(QPalette::Link, c.link);
    set(QPalette::LinkVisited, c.link);
    set(QPalette::Light, dark ? "#3a404a" : "#ffffff");
    set(QPalette::Midlight, dark ? "#30353d" : "#eceef1");
    set(QPalette::Mid, c.border);
    set(QPalette::Dark, c.edge);
    set(QPalette::Shadow, dark ? "#000000" : "#6b737d");
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, QColor(QLatin1String(c.disabled)));
    }
    palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor(QLatin1String(c.border)));
    palette.setColor(QPalette::Disabled, QPalette::HighlightedText, QColor(QLatin1String(c.muted)));
    return palette;
}

QString Theme::styleSheet(bool dark)
{
    initWidgetResources();
    QFile file(QStringLiteral(":/headkv/theme/style.qss"));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    const Colors &c = colors(dark);
    const std::pair<const char *, const char *> names[] = {
        // Longer names first: "@accent" begins "@accentHover".
        {"@accentHover", c.accentHover},
        {"@onAccent", c.onAccent},
        {"@alternate", c.alternate},
        {"@disabled", c.disabled},
        {"@pressed", c.pressed},
        {"@accent", c.accent},
        {"@border", c.border},
        {"@window", c.window},
        {"@raised", c.raised},
        {"@handle", c.handle},
        {"@muted", c.muted},
        {"@hover", c.hover},
        {"@track", c.track},
        {"@chunk", c.chunk},
        {"@theme", dark ? "dark" : "light"},
        {"@base", c.base},
        {"@edge", c.edge},
        {"@text", c.text},
        {"@link", c.link},
    };
    QString sheet = QString::fromUtf8(file.readAll());
    for (const auto &[name, value] : names) {
        sheet.replace(QLatin1String(name), QLatin1String(value));
    }
    return sheet;
}

} // namespace headkv
