// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/RankTeam.h"

#include "core/base/Stopwatch.h"
#include "core/parallel/Message.h"

#include <chrono>
#include <cstdlib>

namespace headkv {

namespace {

/// Messages are looked for this often: few enough to cost no core, often enough for tasks of a tenth of a second.
constexpr std::chrono::milliseconds pollInterval{1};
/// Time that the first rank has to end a team in which another failed: it writes its files first.
constexpr double secondsToEnd = 600;

// What begins a message.
constexpr char resultKind = 'r', doneKind = 'd', failureKind = 'f', shareKind = 's', leaveKind = 'l';

} // namespace

RankTeam::RankTeam() = default;

RankTeam::RankTeam(std::unique_ptr<RankTransport> transport, CancellationToken cancellation)
    : m_cancellation(std::move(cancellation))
    , m_transport(std::move(transport))
{
    if (!m_transport)
        return;
    m_place = m_transport->place();
    if (leads() && !isAlone())
        m_listener = std::thread([this] { listen(); });
}

RankTeam::~RankTeam() { stopListening(); }

void RankTeam::stopListening()
{
    m_stopped = true;
    if (m_listener.joinable())
        m_listener.join();
}

void RankTeam::listen()
{
    while (!m_stopped) {
        {
            const std::lock_guard lock(m_transportLock);
            while (const std::optional<std::string> message = m_transport->receive())
                file(*message);
            m_transport->advance();
        }
        std::this_thread::sleep_for(pollInterval);
    }
}

void RankTeam::file(const std::string &message)
{
    const std::lock_guard lock(m_inboxLock);
    const char kind = message.empty() ? '\0' : message.front();
    if (kind == resultKind)
        m_inbox.push_back(message.substr(1));
    else if (kind == doneKind)
        ++m_ranksDone;
    else if (kind == failureKind) {
        MessageReader reader(std::string_view(message).substr(1));
        int status = 0;
        std::string text;
        reader.get(status);
        reader.get(text);
        if (!m_failure)
            m_failure = Error(static_cast<ErrorKind>(status), text);
        m_cancellation.cancel();
    }
}

void RankTeam::send(int rank, char kind, std::string_view body)
{
    const std::lock_guard lock(m_transportLock);
    m_transport->send(rank, std::string(1, kind).append(body));
}

bool RankTeam::advanceMessages()
{
    const std::lock_guard lock(m_transportLock);
    return m_transport->advance();
}

void RankTeam::awaitSent()
{
    while (!advanceMessages())
        std::this_thread::sleep_for(pollInterval);
}

std::optional<std::string> RankTeam::receive()
{
    const std::lock_guard lock(m_transportLock);
    return m_transport->receive();
}

std::string RankTeam::await(char kind, const CancellationToken &cancellation)
{
    for (;;) {
        cancellation.throwIfCancelled();
        const std::optional<std::string> message = receive();
        if (message && message->starts_with(kind))
            return message->substr(1);
        advanceMessages();
        std::this_thread::sleep_for(pollInterval);
    }
}

std::string RankTeam::share(const Parts &parts, std::string bytes)
{
    if (isAlone())
        return bytes;
    if (leads()) {
        MessageWriter writer;
        for (const auto &[name, value] : parts)
            writer.put(value);
        const std::string message = writer.put(bytes).take();
        for (int rank = 1; rank < m_place.size; ++rank)
            send(rank, shareKind, message);
        return bytes;
    }
    const std::string message = await(shareKind, m_cancellation);
    MessageReader reader(message);
    for (const auto &[name, value] : parts) {
        std::string first;
        reader.get(first);
        if (first != value)
            throw Error(ErrorKind::Input, "its " + name + " differs from that of rank 0 (" +
                                              oneLine(value).substr(0, 60) + " and " + oneLine(first).substr(0, 60) +
                                              "); give all ranks the same files and options");
    }
    reader.get(bytes);
    return bytes;
}

std::size_t RankTeam::take()
{
    if (!m_transport)
        return m_taken++;
    const std::lock_guard lock(m_transportLock);
    return m_transport->takeNumber();
}

void RankTeam::run(std::size_t tasks, const Work &work, const Collect &collect)
{
    m_collect = &collect;
    try {
        for (std::size_t task = take(); task < tasks; task = take()) {
            work(task);
            advance();
        }
        if (!leads()) {
            send(0, doneKind, {});
            awaitSent();
            return;
        }
        const auto allDone = [this] {
            const std::lock_guard lock(m_inboxLock);
            return m_ranksDone == m_place.size - 1;
        };
        for (; !allDone(); collectCome()) {
            m_cancellation.throwIfCancelled();
            std::this_thread::sleep_for(pollInterval);
        }
        collectCome();
    } catch (const Error &error) {
        if (error.kind() == ErrorKind::Cancelled && leads())
            collectCome();
        throw;
    }
}

void RankTeam::collectCome()
{
    for (;;) {
        std::string result;
        {
            const std::lock_guard lock(m_inboxLock);
            if (m_inbox.empty())
                return;
            result = std::move(m_inbox.front());
            m_inbox.pop_front();
        }
        (*m_collect)(result);
    }
}

void RankTeam::deliver(std::string_view result)
{
    if (leads())
        (*m_collect)(result);
    else
        send(0, resultKind, result);
}

void RankTeam::advance()
{
    if (isAlone())
        return;
    if (leads())
        collectCome();
    else
        advanceMessages();
}

std::optional<Error> RankTeam::failure() const
{
    const std::lock_guard lock(m_inboxLock);
    return m_failure;
}

void RankTeam::fail(const Error &error)
{
    const bool cancelled = error.kind() == ErrorKind::Cancelled;
    const std::string text = cancelled ? error.what() : toString(m_place) + ": " + error.what();
    send(0, failureKind, MessageWriter().put(static_cast<int>(error.kind())).put(text).take());
    for (const Stopwatch watch; watch.seconds() < secondsToEnd;) {
        if (const std::optional<std::string> message = receive(); message && message->starts_with(leaveKind)) {
            m_transport->close();
            return;
        }
        advanceMessages();
        std::this_thread::sleep_for(pollInterval);
    }
    abort(static_cast<int>(error.kind()));
}

void RankTeam::abort(int status)
{
    stopListening();
    m_transport->abort(status);
    std::_Exit(status);
}

void RankTeam::leave()
{
    if (isAlone())
        return;
    if (leads()) {
        for (int rank = 1; rank < m_place.size; ++rank)
            send(rank, leaveKind, {});
        awaitSent();
        stopListening();
    } else {
        (void)await(leaveKind, CancellationToken()); // too late to be cancelled: the first rank may be through
    }
    m_transport->close();
}

} // namespace headkv
