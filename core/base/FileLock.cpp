// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/FileLock.h"

#include "core/base/Error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace headkv {

namespace {

/// The last holder removes the lock's file: another run may have opened it before and locked it after.
bool isStillThere(int descriptor, const std::filesystem::path &path)
{
    struct stat open = {}, named = {};
    return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_ino == named.st_ino &&
           open.st_dev == named.st_dev;
}

} // namespace

FileLock::FileLock(const std::filesystem::path &file)
    : m_path(file.string() + ".lock")
{
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored) && !std::filesystem::is_regular_file(file, ignored))
        return;
    do {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
        m_descriptor = ::open(m_path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
        if (m_descriptor < 0)
            throw Error(ErrorKind::Failed,
                        file.string() + ": cannot be written (" + std::strerror(errno) + "); choose another place");
        if (::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            ::close(m_descriptor);
            throw Error(ErrorKind::Failed,
                        file.string() + ": another run is writing it; wait for that, or choose another file");
        }
    } while (!isStillThere(m_descriptor, m_path));
}

FileLock::FileLock(FileLock &&other) noexcept
    : m_path(std::move(other.m_path))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
{}

FileLock::~FileLock()
{
    if (m_descriptor < 0)
        return;
    ::unlink(m_path.c_str());
    ::close(m_descriptor);
}

} // namespace headkv
