// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"

#include "app/cli/Interrupt.h"
#include "core/base/Error.h"
#include "core/base/MappedFile.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

namespace headkv {

namespace fs = std::filesystem;

namespace {

template <typename T>
std::vector<T> parseList(const std::string &option, std::string_view text, const char *expected)
{
    std::vector<T> values;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        T value{};
        const auto [stop, error] = std::from_chars(text.data() + at, text.data() + end, value);
        if (error != std::errc() || stop != text.data() + end || !std::isfinite(static_cast<double>(value)))
            throw Error(ErrorKind::Usage, option + " " + std::string(text.substr(0, 80)) + ": \"" +
                                              std::string(text.substr(at, std::min<std::size_t>(end - at, 40))) +
                                              "\" is not " + expected +
                                              (error == std::errc::result_out_of_range ? " of a possible size" : "") +
                                              "; give numbers joined by commas");
        values.push_back(value);
        at = end + 1;
    }
    return values;
}

/// The most that a text from a pipe may have, as readTextFile's limit for files.
constexpr std::size_t maxPipeBytes = std::size_t{1} << 30;

/// Reads a pipe or a terminal to its end. Waits in short steps, so that a signal is heard before the next byte comes.
std::string readToEnd(int descriptor, const std::string &name)
{
    std::string text;
    std::array<char, 65536> buffer{};
    while (true) {
        Interrupt::token().throwIfCancelled();
        pollfd waited{descriptor, POLLIN, 0};
        const int ready = ::poll(&waited, 1, 100);
        if (ready == 0 || (ready < 0 && errno == EINTR)) // a read now could wait for ever
            continue;
        const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
        if (count == 0)
            return text;
        if (count < 0 && errno != EINTR)
            throw Error(ErrorKind::Input,
                        name + ": cannot be read (" + std::strerror(errno) + "); check where it comes from");
        text.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
        if (text.size() > maxPipeBytes)
            throw Error(ErrorKind::Input,
                        name + ": gives more than " + std::to_string(maxPipeBytes) + " bytes; cut the text into parts");
    }
}

bool isSamePlace(const fs::path &a, const fs::path &b)
{
    std::error_code error;
    if (fs::equivalent(a, b, error)) // also by way of links
        return true;
    // Absolute first: a relative path whose file is yet to come stays as it is written.
    return fs::weakly_canonical(fs::absolute(a, error), error) == fs::weakly_canonical(fs::absolute(b, error), error);
}

} // namespace

std::vector<int> parseIntegers(const std::string &option, const std::string &text)
{
    return parseList<int>(option, text, "a whole number");
}

std::vector<double> parseNumbers(const std::string &option, const std::string &text)
{
    return parseList<double>(option, text, "a number");
}

std::vector<TokenId> readIds(const fs::path &path)
{
    nlohmann::json array;
    try {
        array = nlohmann::json::parse(readInput(path.string()));
    } catch (const nlohmann::json::parse_error &error) {
        throw Error(ErrorKind::Input, path.string() + ": byte " + std::to_string(error.byte) +
                                          ": not JSON, or cut off; write an array of token ids such as [1, 2, 3]");
    } catch (const nlohmann::json::exception &) { // a number beyond all sizes
        throw Error(ErrorKind::Input, path.string() + ": $: a number is out of range; ids are whole numbers from 0");
    }
    if (!array.is_array())
        throw Error(ErrorKind::Input,
                    path.string() + ": $: not a JSON array of token ids; write one such as [1, 2, 3]");
    std::vector<TokenId> ids;
    for (std::size_t i = 0; i < array.size(); ++i) {
        const bool fits =
            array[i].is_number_integer() && array[i] >= 0 && array[i] <= std::numeric_limits<TokenId>::max();
        if (!fits)
            throw Error(ErrorKind::Input,
                        path.string() + ": $[" + std::to_string(i) + "]: not a token id; ids are whole numbers from 0");
        ids.push_back(array[i].get<TokenId>());
    }
    return ids;
}

std::string readInput(const std::string &path)
{
    if (path == "-")
        return readToEnd(STDIN_FILENO, "standard input");
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::is_fifo(status) && !fs::is_character_file(status))
        return readTextFile(path);
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) { // a signal ends the wait for a pipe's other end
        Interrupt::token().throwIfCancelled();
        throw Error(ErrorKind::Input, path + ": cannot be read (" + std::strerror(errno) + "); check its permissions");
    }
    const std::unique_ptr<const int, void (*)(const int *)> closer(&descriptor, [](const int *d) { ::close(*d); });
    return readToEnd(descriptor, path);
}

void requireWritable(const std::string &option, const fs::path &path)
{
    std::error_code error;
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    if (fs::is_directory(path, error))
        throw Error(ErrorKind::Usage, option + " " + path.string() + ": that is a folder; name a file in it");
    if (!fs::is_directory(folder, error))
        throw Error(ErrorKind::Usage,
                    option + " " + path.string() + ": the folder " + folder.string() + " is not there; make it first");
    if (::access(folder.c_str(), W_OK) != 0)
        throw Error(ErrorKind::Usage, option + " " + path.string() + ": the folder " + folder.string() +
                                          " cannot be written; choose another");
}

void requireDistinct(const std::vector<NamedFile> &outputs, const std::vector<NamedFile> &inputs)
{
    std::vector<NamedFile> seen = inputs;
    for (const NamedFile &output : outputs) {
        if (output.path.empty())
            continue;
        for (const NamedFile &other : seen) {
            if (!other.path.empty() && isSamePlace(output.path, other.path))
                throw Error(ErrorKind::Usage, output.option + " " + output.path.string() +
                                                  ": that is the same file as " + other.option +
                                                  "; name another, so that neither is lost");
        }
        seen.push_back(output);
    }
}

} // namespace headkv
