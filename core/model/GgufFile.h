// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/MappedFile.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headkv {

/// Element types of GGUF tensors that are read; the values are the format's.
enum class TensorType : std::uint32_t { F32 = 0, F16 = 1, Q4_0 = 2, Q4_1 = 3, Q8_0 = 8, BF16 = 30 };

/// A tensor's place in the file. Shape outermost first, e.g. [out, in]: the reverse of the file's order.
struct GgufTensor
{
    std::string_view name;
    std::vector<std::uint64_t> shape;
    TensorType type = TensorType::F32;
    std::span<const std::byte> data;

    [[nodiscard]] std::uint64_t elements() const;
};

/// A GGUF file (versions 2 and 3, little-endian), memory-mapped. The constructor walks the whole header and checks
/// every length and offset against the file, so later reads cannot leave it; values stay in the map, so a lying length
/// costs no memory. Errors: Input, with the byte offset.
class GgufFile
{
public:
    explicit GgufFile(const std::filesystem::path &path);
    ~GgufFile();
    GgufFile(const GgufFile &) = delete;
    GgufFile &operator=(const GgufFile &) = delete;

    [[nodiscard]] const std::filesystem::path &path() const noexcept { return m_file.path(); }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return m_file.bytes(); }
    [[nodiscard]] const std::vector<GgufTensor> &tensors() const noexcept { return m_tensors; }
    [[nodiscard]] const GgufTensor *findTensor(std::string_view name) const;

    /// Metadata by key; nothing where the key is absent. Errors: Input, where the value is of another kind.
    [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
    [[nodiscard]] std::optional<double> number(std::string_view key) const;
    [[nodiscard]] std::optional<bool> boolean(std::string_view key) const;
    [[nodiscard]] std::optional<std::vector<std::string>> textList(std::string_view key) const;
    [[nodiscard]] std::optional<std::vector<std::int64_t>> integerList(std::string_view key) const;
    /// Of an array of float32.
    [[nodiscard]] std::optional<std::vector<float>> floatList(std::string_view key) const;

    /// The file's name and a reason, as an Input error.
    [[noreturn]] void fail(const std::string &reason) const;

private:
    class Reader;
    struct Value;

    void readMetadata(Reader &reader, std::uint64_t count);
    void readTensors(Reader &reader, std::uint64_t count);
    [[nodiscard]] const Value *find(std::string_view key) const;
    [[noreturn]] void failKind(std::string_view key, const char *expected) const;

    MappedFile m_file;
    std::unordered_map<std::string_view, Value> m_values;
    std::vector<GgufTensor> m_tensors;
    std::unordered_map<std::string_view, std::size_t> m_tensorIndex;
};

} // namespace headkv
