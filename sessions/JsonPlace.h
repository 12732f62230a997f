// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Error.h"

#include <QString>
#include <QStringList>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace headkv {

/// A value of a document that is not trusted: each reading checks type and range, and an error names file and place.
/// For .cpp files: it brings all of nlohmann's header.
class JsonPlace
{
public:
    using Json = nlohmann::ordered_json;

    /// Both outlive the place.
    JsonPlace(const Json &value, const std::string &source, std::string path = "$")
        : m_value(value)
        , m_source(source)
        , m_path(std::move(path))
    {}

    [[noreturn]] void fail(const std::string &what) const
    {
        throw Error(ErrorKind::Input, m_source + ": " + m_path + " " + what +
                                          "; the file is damaged or no session of HeadKV Explorer: open another copy");
    }

    /// Nothing: there is none, or null.
    [[nodiscard]] std::optional<JsonPlace> find(const char *key) const
    {
        if (!m_value.is_object())
            fail("is no object");
        const auto found = m_value.find(key);
        if (found == m_value.end() || found->is_null())
            return std::nullopt;
        return JsonPlace(*found, m_source, m_path + "." + key);
    }
    [[nodiscard]] JsonPlace at(const char *key) const
    {
        if (const auto place = find(key))
            return *place;
        JsonPlace(m_value, m_source, m_path + "." + key).fail("is missing");
    }
    /// Errors: it is no list, or has more than `most` items.
    [[nodiscard]] std::vector<JsonPlace> items(std::size_t most) const
    {
        if (!m_value.is_array())
            fail("is no list");
        if (m_value.size() > most)
            fail("has more than " + std::to_string(most) + " items");
        std::vector<JsonPlace> places;
        places.reserve(m_value.size());
        for (std::size_t i = 0; i < m_value.size(); ++i)
            places.emplace_back(m_value[i], m_source, m_path + "[" + std::to_string(i) + "]");
        return places;
    }

    [[nodiscard]] QString text(std::size_t most = 1 << 20) const
    {
        if (!m_value.is_string())
            fail("is no text");
        const auto &text = m_value.get_ref<const std::string &>();
        if (text.size() > most)
            fail("is longer than " + std::to_string(most) + " bytes");
        return QString::fromStdString(text);
    }
    [[nodiscard]] int integer(int least, int greatest) const
    {
        const bool fits =
            m_value.is_number_integer() && m_value.get<double>() >= least && m_value.get<double>() <= greatest;
        if (!fits)
            fail("is no whole number from " + std::to_string(least) + " to " + std::to_string(greatest));
        return m_value.get<int>();
    }
    [[nodiscard]] double number(double least, double greatest) const
    {
        const double value = m_value.is_number() ? m_value.get<double>() : std::nan("");
        if (!(value >= least && value <= greatest))
            fail("is no number within its range");
        return value;
    }
    [[nodiscard]] bool flag() const
    {
        if (!m_value.is_boolean())
            fail("is neither true nor false");
        return m_value.get<bool>();
    }

    [[nodiscard]] const Json &value() const { return m_value; }
    [[nodiscard]] const std::string &source() const { return m_source; }
    [[nodiscard]] const std::string &path() const { return m_path; }

private:
    const Json &m_value;
    const std::string &m_source;
    std::string m_path;
};

} // namespace headkv
