// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/Lane.h"

#include <mutex>
#include <utility>

namespace headkv {

/// What has become of a lane since it was last said.
struct LaneUpdate
{
    int lane = 0;
    std::optional<LaneState> state;
    QString problem;
    QString text; ///< more of it
    std::vector<TokenId> ids;
    std::vector<double> milliseconds; ///< of these
    std::vector<MemorySample> memory;
    std::shared_ptr<const LanePrompt> prompt; ///< once known
    std::unique_ptr<GenerationReport> report; ///< instead of all before: after prefill, and at the end
};

/// Carries updates from the worker to the GUI thread. Tokens may come faster than a window draws: what waits is handed
/// over at once, so the queue of events never grows with them.
class LaneFeed
{
public:
    /// Whether nothing waited before: then someone has to be told.
    bool push(LaneUpdate update)
    {
        const std::scoped_lock lock(m_mutex);
        m_updates.push_back(std::move(update));
        return m_updates.size() == 1;
    }
    [[nodiscard]] std::vector<LaneUpdate> take()
    {
        const std::scoped_lock lock(m_mutex);
        return std::exchange(m_updates, {});
    }

private:
    std::mutex m_mutex;
    std::vector<LaneUpdate> m_updates;
};

} // namespace headkv
