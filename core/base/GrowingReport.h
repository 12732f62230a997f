// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/FileLock.h"
#include "core/base/Stopwatch.h"

#include <cstddef>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace headkv {

/// A JSON file that grows by records while a job runs. It is written whole each time, so a killed run leaves a valid
/// file; each record is put into words once. Two runs do not write the same file.
class GrowingReport
{
public:
    /// Errors: Failed, where another run is writing the file, or its folder cannot be written.
    explicit GrowingReport(std::filesystem::path path);

    /// Writing has taken no more than a twentieth of the time so far: it must not slow the job.
    [[nodiscard]] bool isDue() const;
    /// Records stand in the order of their keys, whenever they come.
    void add(std::size_t key, std::string record);
    /// Writes `before`, the records separated by commas, and `after`. Errors: Failed, where the file cannot be written.
    void write(std::string_view before, std::string_view after);

private:
    std::filesystem::path m_path;
    FileLock m_lock;
    std::map<std::size_t, std::string> m_records;
    Stopwatch m_watch;         ///< since the job began
    double m_writeSeconds = 0; ///< of these
};

/// One line of JSON, U+FFFD where text is no UTF-8: emitted text may hold half a character, JSON may not.
[[nodiscard]] std::string dumpJson(const nlohmann::ordered_json &json);
/// Now, as "2026-01-31T12:00:00Z".
[[nodiscard]] std::string currentDate();

} // namespace headkv
