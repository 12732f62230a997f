// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/GgufFile.h"

#include "core/base/Error.h"

#include <array>
#include <cstdio>
#include <cstring>
#include <limits>

namespace headkv {

namespace {

// Value types of the format.
enum class ValueType : std::uint32_t {
    UInt8,
    Int8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    Float32,
    Bool,
    String,
    Array,
    UInt64,
    Int64,
    Float64
};

/// Bytes of one value; 0 for those that say their own length.
std::size_t fixedSize(ValueType type)
{
    switch (type) {
    case ValueType::UInt8:
    case ValueType::Int8:
    case ValueType::Bool:
        return 1;
    case ValueType::UInt16:
    case ValueType::Int16:
        return 2;
    case ValueType::UInt32:
    case ValueType::Int32:
    case ValueType::Float32:
        return 4;
    case ValueType::UInt64:
    case ValueType::Int64:
    case ValueType::Float64:
        return 8;
    case ValueType::String:
    case ValueType::Array:
        break;
    }
    return 0;
}

template <typename T>
T load(const std::byte *data)
{
    T value;
    std::memcpy(&value, data, sizeof value);
    return value;
}

/// An integer of any width; nothing for other types and for what does not fit 63 bits.
std::optional<std::int64_t> loadInteger(ValueType type, const std::byte *data)
{
    switch (type) {
    case ValueType::UInt8:
        return load<std::uint8_t>(data);
    case ValueType::Int8:
        return load<std::int8_t>(data);
    case ValueType::UInt16:
        return load<std::uint16_t>(data);
    case ValueType::Int16:
        return load<std::int16_t>(data);
    case ValueType::UInt32:
        return load<std::uint32_t>(data);
    case ValueType::Int32:
        return load<std::int32_t>(data);
    case ValueType::Int64:
        return load<std::int64_t>(data);
    case ValueType::UInt64: {
        const auto value = load<std::uint64_t>(data);
        return value <= std::uint64_t{std::numeric_limits<std::int64_t>::max()}
                   ? std::optional(static_cast<std::int64_t>(value))
                   : std::nullopt;
    }
    default:
        return std::nullopt;
    }
}

constexpr std::uint64_t defaultAlignment = 32;
constexpr std::uint64_t maxDimensions = 4;
constexpr std::int64_t maxParts = 99999;

} // namespace

/// A metadata value: its type and its bytes in the map. Arrays: the element type, the count and the elements' bytes.
struct GgufFile::Value
{
    ValueType type;
    ValueType elementType;
    std::uint64_t count;
    std::span<const std::byte> data;
};

/// Walks the header; every step is checked against what is left of the file.
class GgufFile::Reader
{
public:
    explicit Reader(const GgufFile &file)
        : m_file(file)
        , m_bytes(file.bytes())
    {}

    [[nodiscard]] std::uint64_t offset() const { return m_offset; }
    [[nodiscard]] std::uint64_t remaining() const { return m_bytes.size() - m_offset; }

    std::span<const std::byte> take(std::uint64_t size, const char *what)
    {
        if (size > remaining())
            fail(std::string(what) + " of " + std::to_string(size) + " bytes reaches past the end of the file");
        const auto part = m_bytes.subspan(m_offset, size);
        m_offset += size;
        return part;
    }

    template <typename T>
    T read(const char *what)
    {
        return load<T>(take(sizeof(T), what).data());
    }

    std::string_view readString(const char *what)
    {
        const auto size = read<std::uint64_t>(what);
        const auto part = take(size, what);
        return {reinterpret_cast<const char *>(part.data()), part.size()};
    }

    ValueType readType()
    {
        const auto type = read<std::uint32_t>("a value type");
        if (type > static_cast<std::uint32_t>(ValueType::Float64))
            fail("unknown value type " + std::to_string(type));
        return static_cast<ValueType>(type);
    }

    Value readValue()
    {
        const ValueType type = readType();
        if (type == ValueType::Array)
            return readArray();
        if (type == ValueType::String) {
            const std::string_view text = readString("a string");
            return {type, type, 1, std::as_bytes(std::span(text))};
        }
        return {type, type, 1, take(fixedSize(type), "a value")};
    }

    [[noreturn]] void fail(const std::string &reason) const
    {
        m_file.fail("byte " + std::to_string(m_offset) + ": " + reason);
    }

private:
    Value readArray()
    {
        const ValueType element = readType();
        const auto count = read<std::uint64_t>("an array length");
        if (element == ValueType::Array)
            fail("arrays of arrays are not part of any known model");
        const std::size_t size = fixedSize(element);
        if (size > 0) {
            if (count > remaining() / size)
                fail("an array of " + std::to_string(count) + " values reaches past the end of the file");
            return {ValueType::Array, element, count, take(count * size, "an array")};
        }
        const std::uint64_t begin = m_offset;
        for (std::uint64_t i = 0; i < count; ++i) // ends with the file: each string takes at least its length field
            readString("a string");
        return {ValueType::Array, element, count, m_bytes.subspan(begin, m_offset - begin)};
    }

    const GgufFile &m_file;
    std::span<const std::byte> m_bytes;
    std::uint64_t m_offset = 0;
};

GgufFile::GgufFile(const std::filesystem::path &path)
    : GgufFile(path, Part::First)
{
    readParts();
}

GgufFile::GgufFile(const std::filesystem::path &path, Part part)
    : m_files{std::make_shared<const MappedFile>(path)}
{
    Reader reader(*this);
    constexpr std::string_view magic = "GGUF";
    if (bytes().size() < 24 || std::memcmp(bytes().data(), magic.data(), magic.size()) != 0)
        fail("not a GGUF file (it does not begin with \"GGUF\"); name a model file");
    reader.take(magic.size(), "the magic");
    const auto version = reader.read<std::uint32_t>("the version");
    if (version != 2 && version != 3)
        fail("GGUF version " + std::to_string(version) +
             " (byte 4) is not read; versions 2 and 3 are, in little-endian order");
    const auto tensorCount = reader.read<std::uint64_t>("the tensor count");
    const auto valueCount = reader.read<std::uint64_t>("the metadata count");
    readMetadata(reader, valueCount);
    if (const auto number = integer("split.no").value_or(0); part == Part::First && number != 0)
        fail("this is part " + std::to_string(number + 1) + " of a model; name its first part");
    readTensors(reader, tensorCount);
}

GgufFile::~GgufFile() = default;

void GgufFile::readMetadata(Reader &reader, std::uint64_t count)
{
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view key = reader.readString("a metadata key");
        if (!m_values.emplace(key, reader.readValue()).second)
            reader.fail("the key " + std::string(key.substr(0, 80)) + " occurs twice");
    }
}

void GgufFile::readTensors(Reader &reader, std::uint64_t count)
{
    std::vector<StoredTensor> tensors;
    std::vector<std::uint64_t> offsets;
    for (std::uint64_t i = 0; i < count; ++i) {
        StoredTensor tensor;
        tensor.file = m_files.front();
        tensor.name = reader.readString("a tensor name");
        const auto dimensions = reader.read<std::uint32_t>("a tensor's rank");
        if (dimensions == 0 || dimensions > maxDimensions)
            reader.fail("tensor " + tensor.name.substr(0, 80) + " has " + std::to_string(dimensions) +
                        " dimensions; 1 to 4 are possible");
        for (std::uint32_t d = 0; d < dimensions; ++d)
            tensor.shape.insert(tensor.shape.begin(), reader.read<std::uint64_t>("a tensor's shape"));
        const auto type = reader.read<std::uint32_t>("a tensor's type");
        if (!isKnownTensorType(type))
            reader.fail("tensor " + tensor.name.substr(0, 80) + " has type " + std::to_string(type) + "; read are " +
                        knownTensorTypes());
        tensor.type = static_cast<TensorType>(type);
        offsets.push_back(reader.read<std::uint64_t>("a tensor's offset"));
        tensors.push_back(std::move(tensor));
    }
    const std::uint64_t alignment = static_cast<std::uint64_t>(integer("general.alignment").value_or(defaultAlignment));
    if (alignment == 0 || alignment > (1u << 20))
        fail("general.alignment is " + std::to_string(alignment) + "; a small power of two is expected");
    const std::uint64_t begin = (reader.offset() + alignment - 1) / alignment * alignment;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        StoredTensor &tensor = tensors[i];
        const std::optional<std::uint64_t> size = tensorBytes(tensor.type, tensor.shape);
        if (!size || begin > bytes().size() || offsets[i] > bytes().size() - begin ||
            *size > bytes().size() - begin - offsets[i])
            fail("tensor " + tensor.name.substr(0, 80) + " (data at byte " + std::to_string(begin) + " + " +
                 std::to_string(offsets[i]) + ") does not fit the file; it is cut off or damaged: fetch it again");
        tensor.data = bytes().subspan(begin + offsets[i], *size);
        addTensor(std::move(tensor));
    }
}

void GgufFile::addTensor(StoredTensor tensor)
{
    const std::string name = tensor.name.substr(0, 80);
    if (!m_tensors.add(std::move(tensor)))
        fail("tensor " + name + " occurs twice");
}

/// Opens NAME-00002-of-0000N.gguf and so on beside the first part, and takes their tensors.
void GgufFile::readParts()
{
    const std::int64_t count = integer("split.count").value_or(1);
    if (count <= 1)
        return;
    const auto ending = [count](std::int64_t number) {
        std::array<char, 64> text{};
        std::snprintf(text.data(), text.size(), "-%05lld-of-%05lld.gguf", static_cast<long long>(number),
                      static_cast<long long>(count));
        return std::string(text.data());
    };
    const std::string name = path().filename().string();
    if (count > maxParts || !name.ends_with(ending(1)))
        fail("the model is split into " + std::to_string(count) + " files, so its name should end in " + ending(1));
    const std::string stem = name.substr(0, name.size() - ending(1).size());
    for (std::int64_t number = 2; number <= count; ++number) {
        GgufFile part(path().parent_path() / (stem + ending(number)), Part::Further);
        if (part.integer("split.no") != number - 1 || part.integer("split.count") != count)
            part.fail("this is not part " + std::to_string(number) + " of " + std::to_string(count) + " of " + name);
        m_files.push_back(part.m_files.front());
        for (const StoredTensor &tensor : part.m_tensors.all())
            addTensor(tensor);
    }
    const auto found = static_cast<std::int64_t>(m_tensors.all().size());
    if (integer("split.tensors.count").value_or(found) != found)
        fail("its parts hold " + std::to_string(found) + " tensors, not as many as it says; a part is damaged");
}

const GgufFile::Value *GgufFile::find(std::string_view key) const
{
    const auto found = m_values.find(key);
    return found == m_values.end() ? nullptr : &found->second;
}

void GgufFile::fail(const std::string &reason) const { throw Error(ErrorKind::Input, path().string() + ": " + reason); }

void GgufFile::failKind(std::string_view key, const char *expected) const
{
    fail("metadata " + std::string(key) + " is not " + expected + "; the file is damaged or of another kind");
}

std::optional<std::string> GgufFile::text(std::string_view key) const
{
    const Value *value = find(key);
    if (!value)
        return std::nullopt;
    if (value->type != ValueType::String)
        failKind(key, "a string");
    return std::string(reinterpret_cast<const char *>(value->data.data()), value->data.size());
}

std::optional<std::int64_t> GgufFile::integer(std::string_view key) const
{
    const Value *value = find(key);
    if (!value)
        return std::nullopt;
    const auto result = loadInteger(value->type, value->data.data());
    if (!result)
        failKind(key, "an integer");
    return result;
}

std::optional<double> GgufFile::number(std::string_view key) const
{
    const Value *value = find(key);
    if (!value)
        return std::nullopt;
    if (value->type == ValueType::Float32)
        return load<float>(value->data.data());
    if (value->type == ValueType::Float64)
        return load<double>(value->data.data());
    const auto whole = loadInteger(value->type, value->data.data());
    if (!whole)
        failKind(key, "a number");
    return static_cast<double>(*whole);
}

std::optional<bool> GgufFile::boolean(std::string_view key) const
{
    const Value *value = find(key);
    if (!value)
        return std::nullopt;
    if (value->type != ValueType::Bool)
        failKind(key, "true or false");
    return load<std::uint8_t>(value->data.data()) != 0;
}

std::optional<std::vector<std::string>> GgufFile::textList(std::string_view key) const
{
    const Value *value = find(key);
    if (!value)
        return std::nullopt;
    if (value->type != ValueType::Array || value->elementType != ValueType::String)
        failKind(key, "a list of strings");
    std::vector<std::string> list;
    list.reserve(value->count);
    const std::byte *at = value->data.data(); // lengths were checked when the header was walked
    for (std::uint64_t i = 0; i < value->count; ++i) {
        const auto size = load<std::uint64_t>(at);
        list.emplace_back(reinterpret_cast<const char *>(at + sizeof size), size);
        at += sizeof size + size;
    }
    return list;
}

std::optional<std::vector<std::int64_t>> GgufFile::integerList(std::string_view key) const
{
    const Value *value = find(key);
    if (!value)
        return std::nullopt;
    if (value->type != ValueType::Array)
        failKind(key, "a list of integers");
    std::vector<std::int64_t> list;
    const std::size_t size = fixedSize(value->elementType);
    for (std::uint64_t i = 0; i < value->count; ++i) {
        // Booleans are listed as 0 and 1.
        const ValueType type = value->elementType == ValueType::Bool ? ValueType::UInt8 : value->elementType;
        const auto element = size > 0 ? loadInteger(type, value->data.data() + i * size) : std::nullopt;
        if (!element)
            failKind(key, "a list of integers");
        list.push_back(*element);
    }
    return list;
}

std::optional<std::vector<float>> GgufFile::floatList(std::string_view key) const
{
    const Value *value = find(key);
    if (!value)
        return std::nullopt;
    if (value->type != ValueType::Array || value->elementType != ValueType::Float32)
        failKind(key, "a list of float32 numbers");
    std::vector<float> list;
    for (std::uint64_t i = 0; i < value->count; ++i)
        list.push_back(load<float>(value->data.data() + i * sizeof(float)));
    return list;
}

bool GgufFile::holdsList(std::string_view key) const
{
    const Value *value = find(key);
    return value && value->type == ValueType::Array;
}

} // namespace headkv
