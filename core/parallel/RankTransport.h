// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/parallel/RankPlace.h"

#include <cstdint>
#include <optional>
#include <string>

namespace headkv {

/// What a message-passing library does for a RankTeam. Nothing here waits for another rank, but for close(). One thread
/// at a time calls it, not always the same.
class RankTransport
{
public:
    virtual ~RankTransport() = default;

    [[nodiscard]] virtual const RankPlace &place() const = 0;
    /// 0, 1, 2, …: each number goes to one rank only.
    [[nodiscard]] virtual std::uint64_t takeNumber() = 0;
    /// Begins to send; the messages from one rank to another arrive in order.
    virtual void send(int rank, std::string message) = 0;
    /// The next message that has come.
    [[nodiscard]] virtual std::optional<std::string> receive() = 0;
    /// Lets what was begun go on; true: all that was sent has left.
    virtual bool advance() = 0;
    /// The end, which all ranks reach together.
    virtual void close() = 0;
    /// Ends all ranks at once, with this exit status.
    virtual void abort(int status) = 0;
};

/// What the module headkv_mpi.so exports under the name "headkvOpenTransport". Errors: Failed.
using OpenTransport = RankTransport *();

} // namespace headkv
