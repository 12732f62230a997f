// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Model.h"
#include "sessions/Activity.h"
#include "sessions/NeedleTableModel.h"
#include "sessions/SessionDocument.h"
#include "sessions/SharedData.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QVector>
#include <functional>
#include <memory>

namespace headkv {

class EvaluationSession;
class LaneSession;
class ProbeSession;
class ScoreLibrary;

/// What a user has open: a model, and by parts of their own a probe, lanes, an evaluation and score sets. Lives on the
/// GUI thread and owns the worker thread; no call waits for it, of the parts neither. Every answer comes as a signal,
/// what goes wrong as failed(). Destruction cancels what runs and joins the thread.
class Session : public QObject
{
    Q_OBJECT

public:
    using Activity = headkv::Activity;

    explicit Session(QObject *parent = nullptr);
    ~Session() override;

    [[nodiscard]] ProbeSession &probe();
    [[nodiscard]] const ProbeSession &probe() const;
    [[nodiscard]] LaneSession &lanes();
    [[nodiscard]] const LaneSession &lanes() const;
    [[nodiscard]] EvaluationSession &evaluation();
    [[nodiscard]] const EvaluationSession &evaluation() const;
    [[nodiscard]] ScoreLibrary &scores();
    [[nodiscard]] const ScoreLibrary &scores() const;

    [[nodiscard]] Activity activity() const;
    [[nodiscard]] const JobProgress &progress() const;
    /// Cancels what runs; a cancelled probe keeps its finished cases, a stopped lane its tokens, an
    /// evaluation its answers.
    void cancel();

    /// Reads a session file and puts it in the place of what is open, but for the model; answers with
    /// documentArriving() and, once all of it is there, documentOpened(), or failed(). Ignored while busy.
    void openDocument(const QString &path);
    /// Calls on this thread once the worker has done what it was asked so far, and its answers are here.
    void afterWork(const std::function<void()> &call);

    /// MODEL as on the command line: a path or "default". Ignored while busy.
    void loadModel(const QString &model, const ModelOptions &options = {});
    /// Null: none is loaded.
    [[nodiscard]] const InfoPtr &modelInfo() const;
    /// What stands around a prompt: the model's own format until it is replaced. Loading a model takes the replacement
    /// back.
    [[nodiscard]] ChatFormat chatFormat() const;
    void setChatFormat(const ChatFormat &format);
    /// Answers with tokenized().
    void tokenize(const QString &text);
    /// Counts the tokens of texts, special tokens taken as plain characters; answers with tokensCounted() where the
    /// model has a tokenizer.
    void countTokens(const QStringList &texts);

Q_SIGNALS:
    void activityChanged();
    void progressChanged(const headkv::JobProgress &progress);
    void documentArriving(); ///< what is open goes
    void documentOpened(const headkv::DocumentPtr &document, const QString &path);
    void modelChanged(); ///< loaded, or none any more
    void tokenized(const QString &text, const QVector<int> &ids, const QStringList &pieces);
    void tokensCounted(const headkv::TokenCounts &counts);
    void notice(const QString &message); ///< worth knowing, not an error: e.g. no case passed and what to try
    void failed(const QString &message); ///< one line: what, where, what to do
    void logged(const QString &line);    ///< for the log dock

private:
    void connectWorker();

    struct Private;
    std::unique_ptr<Private> m_d;
};

} // namespace headkv
