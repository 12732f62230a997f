// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QObject>
#include <QStringList>
#include <QTemporaryDir>

namespace headkv {

/// What a run of `headkv` left: its exit status, −1 for a crash, and what it wrote.
struct CommandResult
{
    int status = -1;
    QByteArray out, err;

    [[nodiscard]] QJsonObject json() const;
};

/// Runs `headkv` on the tiny model of the goldens, in a folder of small inputs.
class CommandTest : public QObject
{
    Q_OBJECT

protected:
    CommandTest();

    static CommandResult run(const QStringList &arguments, const QByteArray &input = {});
    [[nodiscard]] QString path(const QString &name) const { return m_folder.filePath(name); }
    void write(const QString &name, const QByteArray &content) const;
    /// A probe of the tiny model with needles and a haystack of the folder.
    [[nodiscard]] QStringList probe(const QStringList &more) const;
    static QJsonObject readJson(const QString &file);
    /// The tiny model's reference.
    [[nodiscard]] const QJsonObject &golden() const { return m_golden; }

    static const QString tiny;

private:
    void writeInputs() const;

    QTemporaryDir m_folder;
    QJsonObject m_golden;
};

} // namespace headkv
