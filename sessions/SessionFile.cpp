// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/SessionFile.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "sessions/JsonPlace.h"
#include "sessions/SessionMigration.h"
#include "sessions/SessionReader.h"
#include "sessions/SessionWriter.h"

#include <QFile>
#include <exception>

namespace headkv {

namespace {

constexpr int deepest = 64;

/// A list in a list in a list…: whoever writes or destroys that goes as deep, and the stack ends somewhere.
bool isTooDeep(std::string_view text)
{
    int depth = 0;
    bool inText = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inText) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inText = false;
        } else if (c == '"') {
            inText = true;
        } else if (c == '[' || c == '{') {
            if (++depth > deepest)
                return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

} // namespace

bool isSessionFile(const QString &path) { return path.endsWith(QLatin1String(".hkv"), Qt::CaseInsensitive); }

SessionDocument readSession(const QString &path)
{
    QFile file(path); // which reads resources, too
    if (!file.open(QIODevice::ReadOnly))
        throw Error(ErrorKind::Input, path.toStdString() + ": cannot be read (" + file.errorString().toStdString() +
                                          "); choose a session that is there");
    const QByteArray text = file.readAll();
    return parseSession({text.constData(), static_cast<std::size_t>(text.size())}, path);
}

SessionDocument parseSession(std::string_view text, const QString &path)
{
    const std::string source = path.toStdString();
    auto document = isTooDeep(text) ? nlohmann::ordered_json() : nlohmann::ordered_json::parse(text, nullptr, false);
    if (!document.is_object())
        throw Error(ErrorKind::Input, source + ": is no JSON, or was cut short; open another copy of the session");
    migrateSession(document, source);
    return SessionReader(document, path).read();
}

std::string formatSession(const SessionDocument &document, const QString &path)
{
    return SessionWriter(document, path).write();
}

void writeSession(const SessionDocument &document, const QString &path)
{
    writeFileAtomically(path.toStdString(), formatSession(document, path));
}

QString saveSession(const SessionDocument &document, const QString &path)
{
    try {
        writeSession(document, path);
    } catch (const Error &error) {
        return QString::fromUtf8(error.what());
    } catch (const std::exception &error) {
        return QStringLiteral("%1: cannot be written (%2)").arg(path, QString::fromUtf8(error.what()));
    }
    return {};
}

} // namespace headkv
