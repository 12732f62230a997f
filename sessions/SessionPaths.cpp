// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/SessionPaths.h"

#include "sessions/JsonPlace.h"

#include <QDir>
#include <QFileInfo>

namespace headkv {

nlohmann::ordered_json describePath(const QString &file, const QString &session)
{
    if (!QDir::isAbsolutePath(file))
        return file.toStdString();
    const QDir folder = QFileInfo(session).absoluteDir();
    return {{"relative", folder.relativeFilePath(file).toStdString()}, {"absolute", file.toStdString()}};
}

QString pathFrom(const JsonPlace &place, const QString &session)
{
    constexpr std::size_t longest = 1 << 16;
    if (place.value().is_string())
        return place.text(longest);
    const QString beside =
        QDir::cleanPath(QFileInfo(session).absoluteDir().filePath(place.at("relative").text(longest)));
    const QString absolute = place.at("absolute").text(longest);
    return QFileInfo::exists(beside) || !QFileInfo::exists(absolute) ? beside : absolute;
}

} // namespace headkv
