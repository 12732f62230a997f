// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "sessions/ScoreSet.h"
#include "sessions/SharedData.h"

#include <QObject>
#include <functional>
#include <vector>

namespace headkv {

class Worker;

/// The score sets of a session, of files and of its probes, and their statistics. What cannot be read is
/// Session::failed().
class ScoreLibrary : public QObject
{
    Q_OBJECT

public:
    explicit ScoreLibrary(Worker &worker);
    ~ScoreLibrary() override;

    [[nodiscard]] const std::vector<ScoreSet> &sets() const { return m_sets; }
    /// The set of that name or file. Null: there is none.
    [[nodiscard]] const ScoreSet *find(const QString &nameOrFile) const;
    /// Reads a score file on the worker; answers with added() or Session::failed().
    void open(const QString &path);
    /// Posts work that is not to be kept waiting by statistics: they begin anew behind it.
    void goAhead(const std::function<void()> &post);
    /// At the end. The set of the scores `insteadOf` is removed first, if it is there.
    void add(const ScoreSet &set, const ScoresPtr &insteadOf = nullptr);
    void remove(int index);
    /// Answers with analysed(). Waits for what runs, and starts anew after a job that came in between.
    void analyse(const ScoresPtr &scores);
    /// Writes a set in the published layout, and its meta file. Returns the error, empty: done.
    [[nodiscard]] QString save(int index, const QString &path) const;

Q_SIGNALS:
    void added(int index);
    void removed(int index);
    void analysed(const headkv::ScoresPtr &scores, const headkv::StatisticsPtr &statistics);

private:
    void stopAnalyses();
    /// All that are asked for, where nothing else runs.
    void startAnalyses();
    void post(const ScoresPtr &scores);

    Worker &m_worker;
    std::vector<ScoreSet> m_sets;
    std::vector<ScoresPtr> m_analyses; ///< asked for and not there yet
    CancellationToken m_token;         ///< of these
};

} // namespace headkv
