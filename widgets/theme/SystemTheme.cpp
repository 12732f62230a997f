// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/SystemTheme.h"

#include "widgets/theme/ChartStyle.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QFile>
#include <QSettings>
#include <QStandardPaths>
#include <QStyleHints>

namespace headkv {

namespace {

const QString portalService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString portalPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString portalInterface = QStringLiteral("org.freedesktop.portal.Settings");
const QString appearance = QStringLiteral("org.freedesktop.appearance");
const QString colorScheme = QStringLiteral("color-scheme");

/// Without one, QtDBus would try to start one.
bool hasSessionBus()
{
    return qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS") ||
           QFile::exists(qEnvironmentVariable("XDG_RUNTIME_DIR") + QStringLiteral("/bus"));
}

bool namesDark(const QString &theme) { return theme.endsWith(QLatin1String("dark"), Qt::CaseInsensitive); }

std::optional<bool> fromKde(const QString &folder)
{
    const QSettings file(folder + QStringLiteral("/kdeglobals"), QSettings::IniFormat);
    const QStringList color = file.value(QStringLiteral("Colors:Window/BackgroundNormal")).toStringList();
    if (color.size() < 3)
        return {};
    return relativeLuminance(QColor(color[0].toInt(), color[1].toInt(), color[2].toInt())) < 0.2;
}

std::optional<bool> fromGtk(const QString &folder)
{
    for (const char *const version : {"/gtk-4.0", "/gtk-3.0"}) {
        const QSettings file(folder + QLatin1String(version) + QStringLiteral("/settings.ini"), QSettings::IniFormat);
        const QString prefers = file.value(QStringLiteral("Settings/gtk-application-prefer-dark-theme")).toString();
        const QString name = file.value(QStringLiteral("Settings/gtk-theme-name")).toString();
        if (!prefers.isEmpty() || !name.isEmpty())
            return prefers == QLatin1String("1") || prefers == QLatin1String("true") || namesDark(name);
    }
    return {};
}

} // namespace

SystemTheme::SystemTheme(QObject *parent)
    : QObject(parent)
{
    const QString gtk = qEnvironmentVariable("GTK_THEME");
    const auto files = fromFiles(QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation),
                                 qEnvironmentVariable("XDG_CURRENT_DESKTOP"));
    m_otherwise = !gtk.isEmpty() ? namesDark(gtk) : files.value_or(headkv::isDark(QApplication::palette()));
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    connect(QApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, &SystemTheme::changed);
#endif
    if (hasSessionBus())
        askPortal();
}

bool SystemTheme::isDark() const
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    if (const Qt::ColorScheme scheme = QApplication::styleHints()->colorScheme(); scheme != Qt::ColorScheme::Unknown)
        return scheme == Qt::ColorScheme::Dark;
#endif
    return m_portal.value_or(m_otherwise);
}

std::optional<bool> SystemTheme::fromFiles(const QString &configFolder, const QString &desktop)
{
    return desktop.contains(QLatin1String("KDE")) ? fromKde(configFolder) : fromGtk(configFolder);
}

void SystemTheme::askPortal()
{
    constexpr int patience = 100; // milliseconds; who comes later comes by signal
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return;
    QDBusMessage question =
        QDBusMessage::createMethodCall(portalService, portalPath, portalInterface, QStringLiteral("Read"));
    question.setArguments({appearance, colorScheme});
    const QDBusMessage answer = bus.call(question, QDBus::Block, patience);
    if (answer.type() == QDBusMessage::ReplyMessage && !answer.arguments().isEmpty())
        take(answer.arguments().first());
    // After the answer: a connection that is not up yet may refuse to listen.
    bus.connect(portalService, portalPath, portalInterface, QStringLiteral("SettingChanged"), this,
                SLOT(settingChanged(QString, QString, QDBusVariant)));
}

void SystemTheme::take(const QVariant &scheme)
{
    QVariant value = scheme; // a variant in a variant
    while (value.canConvert<QDBusVariant>())
        value = value.value<QDBusVariant>().variant();
    const uint number = value.toUInt(); // 0: no preference, 1: dark, 2: light
    m_portal = number == 1 ? std::optional(true) : number == 2 ? std::optional(false) : std::nullopt;
}

void SystemTheme::settingChanged(const QString &group, const QString &key, const QDBusVariant &value)
{
    if (group != appearance || key != colorScheme)
        return;
    const bool before = isDark();
    take(value.variant());
    if (isDark() != before)
        Q_EMIT changed();
}

} // namespace headkv
