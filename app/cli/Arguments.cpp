// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"

#include <charconv>
#include <cmath>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
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
                                              "\" is not " + expected + "; give numbers joined by commas");
        values.push_back(value);
        at = end + 1;
    }
    return values;
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
    const auto array = nlohmann::json::parse(readTextFile(path), nullptr, false);
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
    if (path != "-")
        return readTextFile(path);
    return {std::istreambuf_iterator<char>(std::cin), {}};
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

} // namespace headkv
