// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/checkpoint/StoredTensor.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace headkv {

/// A GGUF file (versions 2 and 3, little-endian), memory-mapped, with the tensors of its further parts where it is the
/// first of several (NAME-00001-of-0000N.gguf). The constructor walks the whole header and checks every length and
/// offset against the file, so later reads cannot leave it; values stay in the map, so a lying length costs no memory.
/// Tensor shapes are outermost first: the reverse of the file's order. Errors: Input, with the byte offset.
class GgufFile
{
public:
    explicit GgufFile(const std::filesystem::path &path);
    ~GgufFile();
    GgufFile(const GgufFile &) = delete;
    GgufFile &operator=(const GgufFile &) = delete;

    [[nodiscard]] const std::filesystem::path &path() const noexcept { return files().front()->path(); }
    /// The file and its further parts, in order.
    [[nodiscard]] const std::vector<std::shared_ptr<const MappedFile>> &files() const noexcept { return m_files; }
    [[nodiscard]] const TensorTable &tensors() const noexcept { return m_tensors; }

    /// Metadata by key; nothing where the key is absent. Errors: Input, where the value is of another kind.
    [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
    [[nodiscard]] std::optional<double> number(std::string_view key) const;
    [[nodiscard]] std::optional<bool> boolean(std::string_view key) const;
    [[nodiscard]] std::optional<std::vector<std::string>> textList(std::string_view key) const;
    /// Of integers or booleans.
    [[nodiscard]] std::optional<std::vector<std::int64_t>> integerList(std::string_view key) const;
    /// Of an array of float32.
    [[nodiscard]] std::optional<std::vector<float>> floatList(std::string_view key) const;
    [[nodiscard]] bool holdsList(std::string_view key) const;

    /// The file's name and a reason, as an Input error.
    [[noreturn]] void fail(const std::string &reason) const;

private:
    class Reader;
    struct Value;

    enum class Part { First, Further };
    GgufFile(const std::filesystem::path &path, Part part);

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return m_files.front()->bytes(); }
    void readMetadata(Reader &reader, std::uint64_t count);
    void readTensors(Reader &reader, std::uint64_t count);
    void addTensor(StoredTensor tensor);
    void readParts();
    [[nodiscard]] const Value *find(std::string_view key) const;
    [[noreturn]] void failKind(std::string_view key, const char *expected) const;

    std::vector<std::shared_ptr<const MappedFile>> m_files;
    std::unordered_map<std::string_view, Value> m_values;
    TensorTable m_tensors;
};

} // namespace headkv
