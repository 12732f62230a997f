// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/parallel/RankTransport.h"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace headkv {

/// Ranks that share a job's tasks: each takes the next one when it is free, the first collects what comes of them and
/// works too. A process alone is a team of one. For one job, on one thread.
class RankTeam
{
public:
    RankTeam(); ///< alone
    /// `cancellation` is the job's: the first rank is cancelled when another fails.
    RankTeam(std::unique_ptr<RankTransport> transport, CancellationToken cancellation);
    ~RankTeam();
    RankTeam(const RankTeam &) = delete;
    RankTeam &operator=(const RankTeam &) = delete;

    [[nodiscard]] const RankPlace &place() const { return m_place; }
    [[nodiscard]] bool isAlone() const { return m_place.size == 1; }
    [[nodiscard]] bool leads() const { return m_place.rank == 0; }

    /// What must be the same on all ranks, by name: "model", "settings".
    using Parts = std::vector<std::pair<std::string, std::string>>;
    /// The first rank's bytes, on each. Errors: Input, where a part differs from the first rank's; Cancelled.
    [[nodiscard]] std::string share(const Parts &parts, std::string bytes);

    using Work = std::function<void(std::size_t task)>;
    using Collect = std::function<void(std::string_view result)>;
    /// Does tasks 0 … tasks − 1, each on one rank, and on the first returns when all are done. What the work delivers
    /// goes to the first rank's `collect`, on its thread. Errors: Cancelled, once what has come is collected; what
    /// `work` and `collect` throw.
    void run(std::size_t tasks, const Work &work, const Collect &collect);
    /// Within work: hands a result over.
    void deliver(std::string_view result);
    /// Within work, often: lets messages pass, and collects.
    void advance();

    /// First rank: why another one ended, with its place, if one did.
    [[nodiscard]] std::optional<Error> failure() const;
    /// Other ranks: tells the first, which ends them all. Returns only where it is through already: nothing is lost.
    void fail(const Error &error);
    /// Ends all ranks at once.
    [[noreturn]] void abort(int status);
    /// The good end: other ranks wait here until the first is through.
    void leave();

private:
    void listen();
    void file(const std::string &message);
    void collectCome();
    [[nodiscard]] std::size_t take();
    void send(int rank, char kind, std::string_view body);
    [[nodiscard]] std::optional<std::string> receive();
    /// Waits for a message of that kind from the first rank. Errors: Cancelled.
    [[nodiscard]] std::string await(char kind, const CancellationToken &cancellation);
    bool advanceMessages();
    void awaitSent();
    void stopListening();

    RankPlace m_place;
    CancellationToken m_cancellation;
    std::unique_ptr<RankTransport> m_transport; ///< null: alone
    const Collect *m_collect = nullptr;
    std::size_t m_taken = 0; ///< alone: tasks

    std::mutex m_transportLock; ///< the listener uses it too
    mutable std::mutex m_inboxLock;
    std::deque<std::string> m_inbox; ///< results of other ranks
    int m_ranksDone = 0;
    std::optional<Error> m_failure;
    std::atomic<bool> m_stopped = false;
    std::thread m_listener; ///< first rank: takes messages, so that nobody waits for its work
};

} // namespace headkv
