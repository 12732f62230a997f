// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/RecentFiles.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>

namespace headkv {

namespace {
const QString recentKey = QStringLiteral("recentFiles");
const QString pinnedKey = QStringLiteral("pinnedFiles");
const QString defaultModel = QStringLiteral("default");
} // namespace

RecentFiles::RecentFiles(QSettings &settings, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
{}

QStringList RecentFiles::list(const QString &key) const { return m_settings.value(key).toStringList(); }

QStringList RecentFiles::files() const { return list(pinnedKey) + list(recentKey); }

bool RecentFiles::isPinned(const QString &file) const { return list(pinnedKey).contains(file); }

void RecentFiles::add(const QString &file)
{
    const QString path = file == defaultModel ? file : QDir::cleanPath(QFileInfo(file).absoluteFilePath());
    if (isPinned(path))
        return;
    QStringList recent = list(recentKey);
    recent.removeAll(path);
    recent.prepend(path);
    store(list(pinnedKey), recent.mid(0, most));
}

void RecentFiles::setPinned(const QString &file, bool pinned)
{
    QStringList pins = list(pinnedKey), recent = list(recentKey);
    pins.removeAll(file);
    recent.removeAll(file);
    if (pinned)
        pins.append(file);
    else
        recent.prepend(file);
    store(pins, recent.mid(0, most));
}

void RecentFiles::remove(const QString &file)
{
    QStringList pins = list(pinnedKey), recent = list(recentKey);
    if (pins.removeAll(file) + recent.removeAll(file) > 0)
        store(pins, recent);
}

void RecentFiles::clear() { store(list(pinnedKey), {}); }

void RecentFiles::store(const QStringList &pinned, const QStringList &others)
{
    m_settings.setValue(pinnedKey, pinned);
    m_settings.setValue(recentKey, others);
    Q_EMIT changed();
}

QString RecentFiles::title(const QString &file)
{
    if (file == defaultModel)
        return tr("The default model");
    const QFileInfo info(file);
    return QStringLiteral("%1   (%2)").arg(info.fileName(), QDir::toNativeSeparators(info.absolutePath()));
}

} // namespace headkv
