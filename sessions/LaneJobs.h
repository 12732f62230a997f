// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "sessions/LaneFeed.h"
#include "sessions/LaneRunner.h"
#include "sessions/SharedData.h"

#include <QObject>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace headkv {

class Engine;

/// The engine's lanes, and what makes prompts for them. On the worker thread.
class LaneJobs : public QObject
{
    Q_OBJECT

public:
    explicit LaneJobs(Engine &engine);

    /// Lanes tell of themselves through it; advanced() says that there is something in it.
    [[nodiscard]] const std::shared_ptr<LaneFeed> &feed() const { return m_feed; }

    void start(const GenerationRequest &request, const std::optional<ChatFormat> &format,
               const CancellationToken &token);
    void replay(const std::vector<GenerationReport> &reports, const CancellationToken &token);
    void proceed(int tokens, const CancellationToken &token);
    void say(const QString &words, const GenerationSettings &settings, const CancellationToken &token);
    void open(const QString &path);
    /// A report that was read before.
    void take(const ReportPtr &report);
    void hideNeedle(const NeedleRequest &request);

Q_SIGNALS:
    void advanced();
    void finished(bool stopped); ///< a job of the lanes ended, however it did
    void opened(const headkv::ReportPtr &report, const headkv::PromptPtr &prompt);
    void needleHidden(const headkv::HiddenNeedle &hidden);

private:
    /// A job of the lanes, between its beginning and its end.
    void run(const std::function<void(const JobControl &)> &job, const CancellationToken &token);

    Engine &m_engine;
    std::shared_ptr<LaneFeed> m_feed = std::make_shared<LaneFeed>();
    LaneRunner m_runner;
};

} // namespace headkv
