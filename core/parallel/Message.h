// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace headkv {

/// Numbers and the like: what is the same bytes on all ranks of one program.
template <typename Value>
concept PlainValue = std::is_arithmetic_v<Value>;

/// Values in a row, as bytes for another rank.
class MessageWriter
{
public:
    template <PlainValue Value>
    MessageWriter &put(Value value)
    {
        m_bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
        return *this;
    }
    template <PlainValue Value>
    MessageWriter &put(const std::vector<Value> &values)
    {
        return putBytes({reinterpret_cast<const char *>(values.data()), values.size() * sizeof(Value)});
    }
    MessageWriter &put(std::string_view text) { return putBytes(text); }
    /// One after another, as std::tie has them.
    template <typename... Values>
    MessageWriter &put(const std::tuple<Values &...> &values)
    {
        std::apply([this](const auto &...value) { (put(value), ...); }, values);
        return *this;
    }

    [[nodiscard]] std::string take() { return std::move(m_bytes); }

private:
    MessageWriter &putBytes(std::string_view bytes);

    std::string m_bytes;
};

/// Reads them in the same order. Errors: Failed, for a message that is too short.
class MessageReader
{
public:
    explicit MessageReader(std::string_view bytes)
        : m_rest(bytes)
    {}

    template <PlainValue Value>
    void get(Value &value)
    {
        const std::string_view bytes = take(sizeof value);
        std::memcpy(&value, bytes.data(), sizeof value);
    }
    template <PlainValue Value>
    void get(std::vector<Value> &values)
    {
        const std::string_view bytes = takeBytes();
        values.resize(bytes.size() / sizeof(Value));
        std::memcpy(values.data(), bytes.data(), values.size() * sizeof(Value));
    }
    void get(std::string &text) { text = takeBytes(); }
    template <typename... Values>
    void get(const std::tuple<Values &...> &values)
    {
        std::apply([this](auto &...value) { (get(value), ...); }, values);
    }

private:
    [[nodiscard]] std::string_view take(std::size_t size);
    [[nodiscard]] std::string_view takeBytes();

    std::string_view m_rest;
};

} // namespace headkv
