// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/Lane.h"
#include "sessions/SharedData.h"

#include <QObject>
#include <QTimer>
#include <memory>
#include <vector>

namespace headkv {

class LaneFeed;
struct LoadedModel;
class ScoreLibrary;
class Worker;

/// A session's lanes: they run one after another, go on after a stop and over turns, come from reports and go into
/// them. Session::cancel() stops them.
class LaneSession : public QObject
{
    Q_OBJECT

public:
    LaneSession(Worker &worker, const LoadedModel &model, const ScoreLibrary &library);

    /// Runs the lanes one after another on the same prompt, FullKV first; the lanes of before go. Ignored while busy or
    /// without a model.
    void start(const GenerationRequest &request);
    /// Goes on where a lane was stopped or reached its limit of tokens: with as many tokens more as it has left, or
    /// `tokens` more. Lanes that had not begun begin.
    void proceed(int tokens);
    /// The next turn of the conversation, in each lane that finished or stopped; in lanes it has the lane's own
    /// history.
    void say(const QString &words, const GenerationSettings &settings);
    /// Runs opened or finished lanes again: same ids, same settings.
    void replay();
    /// Reads a report of `headkv generate` on the worker; answers with added() or Session::failed().
    void open(const QString &path);
    /// Takes up what was read before; answers with added().
    void take(const ReportPtr &report);
    void clear();
    /// Writes a lane's report. Returns the error, empty: done.
    [[nodiscard]] QString save(int lane, const QString &path) const;
    /// Makes a prompt; answers with needleHidden() or Session::failed(). Needs a model.
    void hideNeedle(const NeedleRequest &request);

    [[nodiscard]] const std::vector<Lane> &all() const { return m_lanes; }
    [[nodiscard]] bool canProceed() const; ///< a lane stopped, waits or reached its limit
    [[nodiscard]] bool canSay() const;     ///< a lane has a conversation to go on with

Q_SIGNALS:
    void started();             ///< lanes are new, all waiting; or a new turn of them
    void promptReady(int lane); ///< ids and pieces of the prompt are there
    void changed(int lane);     ///< its state, text or metrics; at most some 60 times a second
    void finished(bool stopped);
    void added(int lane); ///< from a report file
    void cleared();
    void needleHidden(const headkv::HiddenNeedle &hidden);
    void failed(const QString &message); ///< becomes Session::failed()

private:
    void connectEngine();
    /// Hands lanes their news: now, or once the last are 16 ms old.
    void takeUpdates();
    void addOpened(const ReportPtr &report, const PromptPtr &prompt);
    /// Of the library's set of that name or file; empty: the engine reads the file.
    [[nodiscard]] std::vector<double> importanceOf(const GenerationReport &report) const;

    Worker &m_worker;
    const LoadedModel &m_model;
    const ScoreLibrary &m_library;
    std::shared_ptr<LaneFeed> m_feed;
    std::vector<Lane> m_lanes;
    bool m_live = false; ///< the engine has their conversations
    QTimer m_timer;      ///< runs while the last news are fresh
};

} // namespace headkv
