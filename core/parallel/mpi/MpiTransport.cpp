// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Error.h"
#include "core/parallel/RankTransport.h"

#include <list>
#include <mpi.h>

namespace headkv {

namespace {

/// Messages and a counter over MPI. An error of MPI itself ends all ranks, as its default is.
class MpiTransport final : public RankTransport
{
public:
    MpiTransport()
    {
        int threads = 0;
        MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &threads);
        MPI_Comm_rank(MPI_COMM_WORLD, &m_place.rank);
        MPI_Comm_size(MPI_COMM_WORLD, &m_place.size);
        MPI_Comm machine = MPI_COMM_NULL;
        MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
        MPI_Comm_rank(machine, &m_place.localRank);
        MPI_Comm_size(machine, &m_place.localSize);
        MPI_Comm_free(&machine);
        char name[MPI_MAX_PROCESSOR_NAME] = "";
        int length = 0;
        MPI_Get_processor_name(name, &length);
        m_place.host.assign(name, static_cast<std::size_t>(length));
        if (threads < MPI_THREAD_SERIALIZED)
            throw Error(ErrorKind::Failed, "this MPI allows no threads (MPI_THREAD_SERIALIZED); use Open MPI 4");
        openCounter();
    }

    [[nodiscard]] const RankPlace &place() const override { return m_place; }

    [[nodiscard]] std::uint64_t takeNumber() override
    {
        const std::uint64_t one = 1;
        std::uint64_t number = 0;
        MPI_Fetch_and_op(&one, &number, MPI_UINT64_T, 0, 0, MPI_SUM, m_window);
        MPI_Win_flush(0, m_window);
        return number;
    }

    void send(int rank, std::string message) override
    {
        Passage &passage = m_sent.emplace_back(Passage{std::move(message), MPI_REQUEST_NULL});
        MPI_Isend(passage.bytes.data(), static_cast<int>(passage.bytes.size()), MPI_BYTE, rank, messageTag,
                  MPI_COMM_WORLD, &passage.request);
    }

    bool advance() override
    {
        std::erase_if(m_sent, [](Passage &passage) { return passage.isOver(); });
        return m_sent.empty();
    }

    [[nodiscard]] std::optional<std::string> receive() override
    {
        beginReceiving();
        if (m_coming.empty() || !m_coming.front().isOver())
            return std::nullopt;
        std::string message = std::move(m_coming.front().bytes);
        m_coming.pop_front();
        return message;
    }

    void close() override
    {
        MPI_Win_unlock_all(m_window);
        MPI_Win_free(&m_window);
        MPI_Finalize();
    }

    void abort(int status) override { MPI_Abort(MPI_COMM_WORLD, status); }

private:
    static constexpr int messageTag = 1;

    /// A message on its way.
    struct Passage
    {
        std::string bytes;
        MPI_Request request;

        [[nodiscard]] bool isOver()
        {
            int over = 0;
            MPI_Test(&request, &over, MPI_STATUS_IGNORE);
            return over != 0;
        }
    };

    /// The counter lies in a window of rank 0's memory.
    void openCounter()
    {
        std::uint64_t *counter = nullptr;
        const MPI_Aint bytes = m_place.rank == 0 ? sizeof *counter : 0;
        MPI_Win_allocate(bytes, sizeof *counter, MPI_INFO_NULL, MPI_COMM_WORLD, &counter, &m_window);
        MPI_Win_lock_all(MPI_MODE_NOCHECK, m_window);
        if (m_place.rank == 0)
            *counter = 0;
        MPI_Win_sync(m_window);
        MPI_Barrier(MPI_COMM_WORLD);
    }

    /// Room for each message that is announced: a long one comes piece by piece, and nobody waits for it.
    void beginReceiving()
    {
        for (;;) {
            int come = 0, size = 0;
            MPI_Message message = MPI_MESSAGE_NULL;
            MPI_Status status;
            MPI_Improbe(MPI_ANY_SOURCE, messageTag, MPI_COMM_WORLD, &come, &message, &status);
            if (!come)
                return;
            MPI_Get_count(&status, MPI_BYTE, &size);
            Passage &passage = m_coming.emplace_back(Passage{std::string(size, '\0'), MPI_REQUEST_NULL});
            MPI_Imrecv(passage.bytes.data(), size, MPI_BYTE, &message, &passage.request);
        }
    }

    RankPlace m_place;
    MPI_Win m_window = MPI_WIN_NULL;
    std::list<Passage> m_sent, m_coming; ///< lists: a passage stays where MPI knows it
};

} // namespace

} // namespace headkv

extern "C" headkv::RankTransport *headkvOpenTransport() { return new headkv::MpiTransport; }
