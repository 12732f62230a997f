// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/SafetensorsFile.h"

#include "core/base/Error.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace headkv {

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t maxHeaderBytes = std::uint64_t{4} << 20; // its JSON tree takes some fifteen times as much

class HeaderReader
{
public:
    explicit HeaderReader(const std::filesystem::path &path)
        : m_file(std::make_shared<const MappedFile>(path))
    {
        const auto bytes = m_file->bytes();
        std::uint64_t headerBytes = 0;
        if (bytes.size() < sizeof headerBytes)
            fail("too short for a safetensors file; fetch it again");
        std::memcpy(&headerBytes, bytes.data(), sizeof headerBytes);
        if (headerBytes > bytes.size() - sizeof headerBytes || headerBytes > maxHeaderBytes)
            fail("its header claims " + std::to_string(headerBytes) +
                 " bytes; it is cut off, damaged or not a safetensors file");
        m_data = bytes.subspan(sizeof headerBytes + headerBytes);
        const auto *text = reinterpret_cast<const char *>(bytes.data()) + sizeof headerBytes;
        m_header = Json::parse(text, text + headerBytes, nullptr, false);
        if (!m_header.is_object())
            fail("its header is not a JSON object; the file is damaged");
    }

    std::vector<StoredTensor> tensors() const
    {
        std::vector<StoredTensor> result;
        for (const auto &[name, entry] : m_header.items()) {
            if (name == "__metadata__")
                continue;
            const auto type = entry.is_object() ? typeOf(name, entry) : std::nullopt;
            if (!entry.is_object())
                fail("the header's entry " + name.substr(0, 80) + " is not an object; the file is damaged");
            if (type)
                result.push_back(tensor(name, entry, *type));
        }
        return result;
    }

private:
    [[noreturn]] void fail(const std::string &reason) const
    {
        throw Error(ErrorKind::Input, m_file->path().string() + ": " + reason);
    }

    /// Nothing for buffers that are not weights.
    std::optional<TensorType> typeOf(const std::string &name, const Json &entry) const
    {
        const auto dtype = entry.find("dtype");
        const std::string text = dtype != entry.end() && dtype->is_string() ? dtype->get<std::string>() : "missing";
        if (text == "F32")
            return TensorType::F32;
        if (text == "F16")
            return TensorType::F16;
        if (text == "BF16")
            return TensorType::BF16;
        constexpr std::array<std::string_view, 9> ignored{"BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64"};
        if (std::ranges::find(ignored, text) == ignored.end())
            fail("tensor " + name.substr(0, 80) + " has the type " + text.substr(0, 40) + "; read are F32, F16, BF16");
        return std::nullopt;
    }

    /// A list of whole numbers from 0 up.
    std::vector<std::uint64_t> numbers(const std::string &name, const Json &entry, const char *key) const
    {
        const auto list = entry.find(key);
        if (list == entry.end() || !list->is_array() || list->size() > 8 ||
            !std::ranges::all_of(*list, [](const Json &value) { return value.is_number_unsigned(); }))
            fail("tensor " + name.substr(0, 80) + " has no proper " + key + "; the file is damaged");
        return list->get<std::vector<std::uint64_t>>();
    }

    StoredTensor tensor(const std::string &name, const Json &entry, TensorType type) const
    {
        StoredTensor result{name, numbers(name, entry, "shape"), type, {}, m_file};
        const std::vector<std::uint64_t> range = numbers(name, entry, "data_offsets");
        const auto bytes = tensorBytes(type, result.shape);
        if (range.size() != 2 || range[0] > range[1] || range[1] > m_data.size() || !bytes ||
            *bytes != range[1] - range[0])
            fail("tensor " + name.substr(0, 80) +
                 " does not fit the file or its shape; the file is cut off or damaged: fetch it again");
        result.data = m_data.subspan(range[0], *bytes);
        return result;
    }

    std::shared_ptr<const MappedFile> m_file;
    std::span<const std::byte> m_data;
    Json m_header;
};

} // namespace

std::vector<StoredTensor> readSafetensors(const std::filesystem::path &path) { return HeaderReader(path).tensors(); }

} // namespace headkv
