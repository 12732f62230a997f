// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace headkv {

/// Keeps other runs from writing a file that this one goes on writing. What is locked is FILE.lock beside it, since the
/// file itself is replaced with each write; the system lets go of it however the process ends. Files that are no
/// regular ones (devices, pipes) are not locked.
class FileLock
{
public:
    /// Errors: Failed, where another run holds it, or its folder cannot be written.
    explicit FileLock(const std::filesystem::path &file);
    ~FileLock();
    FileLock(FileLock &&other) noexcept;
    FileLock(const FileLock &) = delete;
    FileLock &operator=(const FileLock &) = delete;
    FileLock &operator=(FileLock &&) = delete;

private:
    std::filesystem::path m_path; ///< of the lock
    int m_descriptor = -1;        ///< −1: nothing is locked
};

} // namespace headkv
