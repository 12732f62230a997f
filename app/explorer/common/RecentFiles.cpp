// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/RecentFiles.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>

namespace headkv {

namespace {
const QString key = QStringLiteral("recentFiles");
const QString defaultModel = QStringLiteral("default");
} // namespace

RecentFiles::RecentFiles(QSettings &settings, QObject *parent)
    : QObject(parent)
    , m_settings(settings)
{}

QStringList RecentFiles::files() const { return m_settings.value(key).toStringList(); }

void RecentFiles::add(const QString &file)
{
    const QString path = file == defaultModel ? file : QDir::cleanPath(QFileInfo(file).absoluteFilePath());
    QStringList list = files();
    list.removeAll(path);
    list.prepend(path);
    store(list.mid(0, most));
}

void RecentFiles::remove(const QString &file)
{
    QStringList list = files();
    if (list.removeAll(file) > 0)
        store(list);
}

void RecentFiles::clear() { store({}); }

void RecentFiles::store(const QStringList &files)
{
    m_settings.setValue(key, files);
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
