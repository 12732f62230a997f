// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/MappedFile.h"

#include "core/base/Error.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace headkv {

namespace {

[[noreturn]] void throwUnreadable(const std::filesystem::path &path, const std::string &reason)
{
    throw Error(ErrorKind::Input,
                path.string() + ": cannot be read (" + reason + "); check the path and its permissions");
}

/// A file descriptor that closes itself, and the size of its regular file.
class OpenFile
{
public:
    explicit OpenFile(const std::filesystem::path &path)
        : m_descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) // a pipe is refused, not waited for
    {
        struct stat status = {};
        if (m_descriptor < 0 || ::fstat(m_descriptor, &status) != 0)
            fail(path, std::strerror(errno));
        if (!S_ISREG(status.st_mode))
            fail(path, S_ISDIR(status.st_mode) ? "it is a folder" : "it is not a regular file");
        m_size = static_cast<std::size_t>(status.st_size);
    }
    ~OpenFile() { close(); }
    OpenFile(const OpenFile &) = delete;
    OpenFile &operator=(const OpenFile &) = delete;

    [[nodiscard]] int descriptor() const { return m_descriptor; }
    [[nodiscard]] std::size_t size() const { return m_size; }

private:
    void close()
    {
        if (m_descriptor >= 0)
            ::close(std::exchange(m_descriptor, -1));
    }
    [[noreturn]] void fail(const std::filesystem::path &path, const std::string &reason)
    {
        close();
        throwUnreadable(path, reason);
    }

    int m_descriptor;
    std::size_t m_size = 0;
};

/// What is mapped, for the signal handler: plain atomics, since it may run at any moment.
struct Mapping
{
    std::atomic<std::uintptr_t> begin{0}, end{0};
    std::atomic<bool> used{false}, lost{false};
};

std::array<Mapping, 256> mappings; ///< files beyond go without the guard
std::atomic<bool> anyLost{false};
struct sigaction formerAction = {};

Mapping *mappingAt(std::uintptr_t address)
{
    const auto found = std::ranges::find_if(
        mappings, [address](const Mapping &mapping) { return address >= mapping.begin && address < mapping.end; });
    return found == mappings.end() ? nullptr : &*found;
}

/// Puts a page of zeros where a file has none any more. Anything else goes the way it went before.
void onBusError(int signal, siginfo_t *info, void *context)
{
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    Mapping *mapping = mappingAt(address);
    if (mapping && ::mmap(static_cast<std::byte *>(info->si_addr) - address % page, page, PROT_READ,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
        mapping->lost = true;
        anyLost = true;
        return;
    }
    if (formerAction.sa_flags & SA_SIGINFO && formerAction.sa_sigaction)
        formerAction.sa_sigaction(signal, info, context);
    else
        ::sigaction(signal, &formerAction, nullptr); // the access repeats, and ends as it would have
}

void guardMapping(const std::byte *data, std::size_t size)
{
    static const bool installed = [] {
        struct sigaction action = {};
        action.sa_sigaction = onBusError;
        action.sa_flags = SA_SIGINFO;
        return ::sigaction(SIGBUS, &action, &formerAction) == 0;
    }();
    for (Mapping &mapping : mappings) {
        if (!installed || mapping.used.exchange(true))
            continue;
        mapping.lost = false;
        mapping.begin = reinterpret_cast<std::uintptr_t>(data);
        mapping.end = mapping.begin + size;
        return;
    }
}

void forgetMapping(const std::byte *data)
{
    if (Mapping *mapping = mappingAt(reinterpret_cast<std::uintptr_t>(data))) {
        mapping->end = 0;
        mapping->begin = 0;
        mapping->lost = false;
        mapping->used = false;
    }
    anyLost = std::ranges::any_of(mappings, [](const Mapping &mapping) { return mapping.lost.load(); });
}

} // namespace

MappedFile::MappedFile(const std::filesystem::path &path)
    : m_path(path)
{
    const OpenFile file(path);
    m_size = file.size();
    if (m_size == 0)
        return; // mmap refuses empty files; an empty span says the same
    void *data = ::mmap(nullptr, m_size, PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
    if (data == MAP_FAILED)
        throwUnreadable(path, std::strerror(errno));
    m_data = static_cast<const std::byte *>(data);
    guardMapping(m_data, m_size);
}

void MappedFile::release(std::span<const std::byte> part) const noexcept
{
    // Whole pages inside the part only: its neighbours may be in use.
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto data = reinterpret_cast<std::uintptr_t>(part.data());
    const auto begin = (data + page - 1) / page * page;
    const auto end = (data + part.size()) / page * page;
    if (begin < end)
        ::madvise(const_cast<std::byte *>(part.data()) + (begin - data), end - begin, MADV_DONTNEED);
}

bool MappedFile::isIntact() const noexcept
{
    const Mapping *mapping = anyLost ? mappingAt(reinterpret_cast<std::uintptr_t>(m_data)) : nullptr;
    return !mapping || !mapping->lost;
}

MappedFile::~MappedFile()
{
    if (!m_data)
        return;
    forgetMapping(m_data);
    ::munmap(const_cast<std::byte *>(m_data), m_size);
}

std::string readTextFile(const std::filesystem::path &path, std::size_t maxBytes)
{
    const OpenFile file(path);
    if (file.size() > maxBytes)
        throwUnreadable(path, "it has " + std::to_string(file.size()) + " bytes, more than the " +
                                  std::to_string(maxBytes) + " expected");
    std::string text(file.size(), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count = ::read(file.descriptor(), text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            throwUnreadable(path, std::strerror(errno));
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    text.resize(done);
    return text;
}

} // namespace headkv
