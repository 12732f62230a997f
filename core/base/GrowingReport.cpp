// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/GrowingReport.h"

#include "core/base/AtomicFile.h"

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

namespace headkv {

GrowingReport::GrowingReport(std::filesystem::path path)
    : m_path(std::move(path))
    , m_lock(m_path)
{}

bool GrowingReport::isDue() const
{
    constexpr double mostShare = 0.05;
    return m_writeSeconds <= mostShare * m_watch.seconds();
}

void GrowingReport::add(std::size_t key, std::string record) { m_records.emplace(key, std::move(record)); }

void GrowingReport::write(std::string_view before, std::string_view after)
{
    const Stopwatch watch;
    std::string text(before);
    const char *separator = "\n";
    for (const auto &[key, record] : m_records) {
        text += separator;
        text += record;
        separator = ",\n";
    }
    writeFileAtomically(m_path, text.append("\n").append(after));
    m_writeSeconds += watch.seconds();
}

std::string dumpJson(const nlohmann::ordered_json &json)
{
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string currentDate()
{
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text.data();
}

} // namespace headkv
