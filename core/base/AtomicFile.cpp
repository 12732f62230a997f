// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/AtomicFile.h"

#include "core/base/Error.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace headkv {

namespace {

[[noreturn]] void throwUnwritable(const std::filesystem::path &path, int error)
{
    throw Error(ErrorKind::Failed, path.string() + ": cannot be written (" + std::strerror(error) +
                                       "); choose another place or free some space");
}

bool writeAll(int descriptor, std::string_view content)
{
    while (!content.empty()) {
        const ssize_t count = ::write(descriptor, content.data(), content.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return ::fsync(descriptor) == 0 || errno == EINVAL; // EINVAL: a device that cannot be synced
}

/// What a new file's permissions would be: mkstemp makes 0600, users expect their umask. It can only be read by setting
/// it, and belongs to all threads.
mode_t defaultMode()
{
    static std::mutex one;
    const std::lock_guard lock(one);
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return 0666 & ~mask;
}

/// Where a path's links lead, also where nothing is there yet: a link stays, what it names is replaced.
std::filesystem::path withoutLinks(const std::filesystem::path &path)
{
    std::error_code error;
    std::filesystem::path target = std::filesystem::canonical(path, error);
    if (!error)
        return target;
    target = path;
    constexpr int mostLinks = 40; // as Linux
    for (int links = 0; links < mostLinks && std::filesystem::is_symlink(target, error); ++links)
        target = target.parent_path() / std::filesystem::read_symlink(target, error);
    if (std::filesystem::is_symlink(target, error))
        throwUnwritable(path, ELOOP);
    return target;
}

} // namespace

void writeFileAtomically(const std::filesystem::path &path, std::string_view content)
{
    struct stat status = {};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (exists && !S_ISREG(status.st_mode)) { // a device or a pipe: renaming would replace it, so write in place
        const int device = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
        const bool written = device >= 0 && writeAll(device, content);
        const int error = errno;
        if (device >= 0)
            ::close(device);
        if (!written)
            throwUnwritable(path, error);
        return;
    }
    const std::filesystem::path target = withoutLinks(path);
    std::string temporary = target.string() + ".XXXXXX";
    const int descriptor = ::mkstemp(temporary.data());
    if (descriptor < 0)
        throwUnwritable(path, errno);
    const bool written =
        writeAll(descriptor, content) && ::fchmod(descriptor, exists ? status.st_mode & 07777 : defaultMode()) == 0;
    const int error = errno;
    ::close(descriptor);
    if (!written || ::rename(temporary.c_str(), target.c_str()) != 0) {
        const int reason = written ? errno : error;
        ::unlink(temporary.c_str());
        throwUnwritable(path, reason);
    }
}

} // namespace headkv
