// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace headkv {

/// A file mapped read-only into memory. Errors: Input, where the file cannot be opened or mapped.
class MappedFile
{
public:
    explicit MappedFile(const std::filesystem::path &path);
    ~MappedFile();
    MappedFile(const MappedFile &) = delete;
    MappedFile &operator=(const MappedFile &) = delete;

    /// False once bytes were read that are there no more, because another program cut the file short: they read as
    /// zeros (without this guard the program would end by SIGBUS). Ask before what was computed from them is used.
    [[nodiscard]] bool isIntact() const noexcept;
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {m_data, m_size}; }
    /// Lets the system take back the pages of a part that will not be read again soon; reading it later is slower, no
    /// less right.
    void release(std::span<const std::byte> part) const noexcept;
    [[nodiscard]] const std::filesystem::path &path() const noexcept { return m_path; }

private:
    std::filesystem::path m_path;
    const std::byte *m_data = nullptr;
    std::size_t m_size = 0;
};

/// The whole of a regular text file. Errors: Input, where it cannot be read or is larger than maxBytes.
[[nodiscard]] std::string readTextFile(const std::filesystem::path &path, std::size_t maxBytes = std::size_t{1} << 30);

} // namespace headkv
