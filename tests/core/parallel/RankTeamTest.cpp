// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/RankTeam.h"

#include <QTest>
#include <algorithm>
#include <chrono>
#include <map>
#include <set>

using namespace headkv;

namespace {

/// Ends a rank's thread, as the launcher ends a process.
struct Ended
{};

/// What the threads of one process share.
struct Room
{
    std::mutex lock;
    std::vector<std::deque<std::string>> inboxes;
    std::uint64_t next = 0;
    int status = -1; ///< of the abort; −1: none
    int closed = 0;
};

/// Ranks as threads of one process.
class ThreadTransport : public RankTransport
{
public:
    ThreadTransport(std::shared_ptr<Room> room, int rank)
        : m_room(std::move(room))
        , m_place{rank, static_cast<int>(m_room->inboxes.size()), rank, static_cast<int>(m_room->inboxes.size()),
                  "here"}
    {}

    [[nodiscard]] const RankPlace &place() const override { return m_place; }
    [[nodiscard]] std::uint64_t takeNumber() override
    {
        const std::lock_guard lock(m_room->lock);
        return m_room->next++;
    }
    void send(int rank, std::string message) override
    {
        const std::lock_guard lock(m_room->lock);
        m_room->inboxes[static_cast<std::size_t>(rank)].push_back(std::move(message));
    }
    [[nodiscard]] std::optional<std::string> receive() override
    {
        const std::lock_guard lock(m_room->lock);
        auto &inbox = m_room->inboxes[static_cast<std::size_t>(m_place.rank)];
        if (inbox.empty())
            return std::nullopt;
        std::string message = std::move(inbox.front());
        inbox.pop_front();
        return message;
    }
    bool advance() override
    {
        const std::lock_guard lock(m_room->lock);
        if (m_room->status >= 0 && m_place.rank > 0)
            throw Ended();
        return true;
    }
    void close() override
    {
        const std::lock_guard lock(m_room->lock);
        ++m_room->closed;
    }
    void abort(int status) override
    {
        const std::lock_guard lock(m_room->lock);
        m_room->status = status;
        throw Ended();
    }

private:
    std::shared_ptr<Room> m_room;
    RankPlace m_place;
};

/// A team, each rank of it in a thread that does `job`; errors end them as those of the command line do.
class Teamwork
{
public:
    using Job = std::function<void(RankTeam &team, const CancellationToken &token)>;

    explicit Teamwork(int ranks, const Job &job)
        : m_room(std::make_shared<Room>())
    {
        m_room->inboxes.resize(static_cast<std::size_t>(ranks));
        std::vector<std::thread> threads;
        for (int rank = 0; rank < ranks; ++rank)
            threads.emplace_back([this, rank, &job] { live(rank, job); });
        for (std::thread &thread : threads)
            thread.join();
    }

    [[nodiscard]] int status() const { return m_room->status; }
    [[nodiscard]] int closed() const { return m_room->closed; }
    std::optional<Error> failure; ///< as the first rank saw it

private:
    void live(int rank, const Job &job)
    {
        const CancellationToken token;
        RankTeam team(std::make_unique<ThreadTransport>(m_room, rank), token);
        try {
            try {
                job(team, token);
                team.leave();
            } catch (const Error &error) {
                if (!team.leads()) {
                    team.fail(error);
                    return;
                }
                failure = team.failure();
                team.abort(static_cast<int>(failure ? failure->kind() : error.kind()));
            }
        } catch (const Ended &) {
        }
    }

    std::shared_ptr<Room> m_room;
};

} // namespace

class RankTeamTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachTaskOnce_data();
    void eachTaskOnce();
    void theFirstRanksBytes();
    void othersFiles();
    void failureEndsAll();
    void cancelKeepsWhatCame();
    void failureBehindTheEndIsNone();
    void sharesOfAMachine();
    void oneDeviceARank();
};

void RankTeamTest::eachTaskOnce_data()
{
    QTest::addColumn<int>("ranks");
    for (const int ranks : {1, 2, 5, 16})
        QTest::addRow("%d", ranks) << ranks;
}

void RankTeamTest::eachTaskOnce()
{
    QFETCH(int, ranks);
    std::map<std::string, int> results;
    std::set<int> workers; // ranks that delivered
    const Teamwork work(ranks, [&](RankTeam &team, const CancellationToken &) {
        const std::thread::id mine = std::this_thread::get_id();
        team.run(
            200,
            [&](std::size_t task) {
                team.advance();
                std::this_thread::sleep_for(std::chrono::microseconds(200));
                team.deliver(std::to_string(team.place().rank) + " " + std::to_string(task));
            },
            [&](std::string_view result) {
                if (!team.leads() || std::this_thread::get_id() != mine)
                    qFatal("collected elsewhere than on the first rank's own thread");
                const std::size_t space = result.find(' ');
                workers.insert(std::stoi(std::string(result.substr(0, space))));
                ++results[std::string(result.substr(space + 1))];
            });
    });
    QCOMPARE(work.closed(), ranks == 1 ? 0 : ranks);
    QCOMPARE(results.size(), std::size_t(200));
    QVERIFY(std::ranges::all_of(results, [](const auto &result) { return result.second == 1; }));
    QVERIFY(ranks == 1 || workers.size() > 1);
}

void RankTeamTest::theFirstRanksBytes()
{
    std::atomic<int> right = 0;
    const Teamwork work(4, [&](RankTeam &team, const CancellationToken &) {
        const std::string own = "of rank " + std::to_string(team.place().rank);
        if (team.share({{"model", "m"}, {"settings", "s"}}, own) == "of rank 0")
            ++right;
    });
    QCOMPARE(right.load(), 4);
    QCOMPARE(work.status(), -1);
}

/// A rank that was given other files says so, and all end.
void RankTeamTest::othersFiles()
{
    const Teamwork work(3, [&](RankTeam &team, const CancellationToken &) {
        (void)team.share({{"model", "m"}, {"haystack", team.place().rank == 2 ? "other" : "same"}}, "");
        team.run(
            2, [](std::size_t) {}, [](std::string_view) {});
    });
    QCOMPARE(work.status(), static_cast<int>(ErrorKind::Input));
    QVERIFY(work.failure);
    const std::string line = work.failure->what();
    QVERIFY2(line.starts_with("rank 2 on here: its haystack differs"), line.c_str());
    QCOMPARE(work.closed(), 0);
}

void RankTeamTest::failureEndsAll()
{
    const Teamwork work(4, [&](RankTeam &team, const CancellationToken &token) {
        const auto fail = [&](std::size_t) {
            if (team.place().rank == 3)
                throw Error(ErrorKind::Memory, "no room");
            for (; !token.isCancelled(); std::this_thread::sleep_for(std::chrono::milliseconds(1)))
                team.advance(); // others are in the midst of something
            token.throwIfCancelled();
        };
        team.run(100, fail, [](std::string_view) {});
    });
    QCOMPARE(work.status(), static_cast<int>(ErrorKind::Memory));
    QVERIFY(work.failure);
    QCOMPARE(std::string(work.failure->what()), std::string("rank 3 on here: no room"));
}

void RankTeamTest::cancelKeepsWhatCame()
{
    int collected = 0;
    std::atomic<int> delivered = 0;
    const Teamwork work(2, [&](RankTeam &team, const CancellationToken &token) {
        const auto task = [&](std::size_t) {
            if (team.leads()) {
                while (delivered < 5)
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                std::this_thread::sleep_for(std::chrono::milliseconds(50)); // the listener takes them
                token.cancel();
                token.throwIfCancelled();
            }
            if (delivered < 5) {
                team.deliver("result");
                ++delivered;
            }
        };
        team.run(1000000, task, [&](std::string_view) { ++collected; });
    });
    QCOMPARE(collected, 5);
    QCOMPARE(work.status(), static_cast<int>(ErrorKind::Cancelled));
}

/// Cancelled when the first rank is through: all leave, and none waits for another.
void RankTeamTest::failureBehindTheEndIsNone()
{
    std::atomic<bool> through = false;
    const Teamwork work(3, [&](RankTeam &team, const CancellationToken &token) {
        team.run(
            9, [](std::size_t) {}, [](std::string_view) {});
        if (team.leads())
            through = true;
        while (!through)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (team.place().rank == 1)
            throw Error(ErrorKind::Cancelled, "too late");
        if (team.place().rank == 2)
            token.cancel();
    });
    QCOMPARE(work.status(), -1);
    QCOMPARE(work.closed(), 3);
}

void RankTeamTest::sharesOfAMachine()
{
    const RankPlace place{5, 8, 1, 4, "node"};
    QCOMPARE(toString(place), std::string("rank 5 on node"));
    QVERIFY(coresAllowed() >= 1);
    QCOMPARE(coresOfShare({0, 100000, 0, 100000, ""}), 1);
    QVERIFY(coresOfShare({}) >= coresAllowed());
}

void RankTeamTest::oneDeviceARank()
{
    // Two machines with four ranks each: the place on the machine counts.
    for (int rank = 0; rank < 8; ++rank) {
        const RankPlace place{rank, 8, rank % 4, 4, "node"};
        QCOMPARE(place.deviceOf("auto", 4), "cuda:" + std::to_string(rank % 4));
        QCOMPARE(place.deviceOf("cuda", 2), "cuda:" + std::to_string(rank % 2)); // more ranks than devices
        QCOMPARE(place.deviceOf("auto", 1), std::string("cuda:0"));              // or each is shown its own
    }
    const RankPlace last{7, 8, 3, 4, "node"};
    for (const char *asked : {"auto", "cuda"})
        QCOMPARE(last.deviceOf(asked, 0), std::string(asked)); // no device: "cuda" is refused where the model is read
    for (const char *asked : {"cpu", "tensors", "cuda:0", "cuda:0,1"})
        QCOMPARE(last.deviceOf(asked, 4), std::string(asked));
    QCOMPARE(RankPlace().deviceOf("auto", 4), std::string("auto")); // alone
}

QTEST_GUILESS_MAIN(RankTeamTest)
#include "RankTeamTest.moc"
