// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Model.h"

#include <QObject>
#include <QStringList>
#include <functional>

namespace headkv {

class Session;

/// Opens files one after another, each once the session can take it.
class FileOpener : public QObject
{
    Q_OBJECT

public:
    /// By its name, and where that says too little, by how it begins.
    enum class Kind { Unknown, Model, Session, Scores, Generation, Probe, Evaluation };
    [[nodiscard]] static Kind kindOf(const QString &file);
    /// The page that shows it; its icon has the same name.
    [[nodiscard]] static QString pageOf(const QString &file);

    explicit FileOpener(Session &session, QObject *parent = nullptr);

    void open(const QStringList &files);
    /// Whether a session may take the place of the one that is there; asked when its turn has come, and what ran before
    /// it has ended.
    void setMayReplace(std::function<bool()> mayReplace) { m_mayReplace = std::move(mayReplace); }
    /// Of models that are opened from now on.
    void setModelOptions(const ModelOptions &options) { m_modelOptions = options; }
    /// Nothing waits or is being opened.
    [[nodiscard]] bool isIdle() const { return m_current.isEmpty() && m_waiting.isEmpty(); }
    /// Why files could not be opened, a line each.
    [[nodiscard]] const QStringList &failures() const { return m_failures; }
    [[nodiscard]] static bool isModel(const QString &file);
    /// By its name: head scores, or a report.
    [[nodiscard]] static bool isJson(const QString &file);

Q_SIGNALS:
    void opened(const QString &file);
    /// Refused before the session saw it; what the session refuses it says itself.
    void refused(const QString &message);

private:
    void next();
    void openCurrent();
    void finish(bool good);
    void sessionFailed(const QString &message);

    Session &m_session;
    std::function<bool()> m_mayReplace = [] { return true; };
    ModelOptions m_modelOptions{.device = "auto"};
    QStringList m_waiting;
    QString m_current;
    Kind m_kind = Kind::Unknown; ///< of the current file
    QStringList m_failures;
};

} // namespace headkv
