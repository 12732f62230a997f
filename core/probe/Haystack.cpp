// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/Haystack.h"

#include "core/base/Error.h"
#include "core/base/Installation.h"
#include "core/base/MappedFile.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace headkv::resources {
std::string_view builtInHaystack();
}

namespace headkv {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> textFiles(const fs::path &folder)
{
    std::vector<fs::path> files;
    std::error_code error;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".txt" && entry.is_regular_file(error))
            files.push_back(entry.path());
    }
    std::ranges::sort(files);
    if (files.empty())
        throw Error(ErrorKind::Input,
                    folder.string() + ": holds no .txt file that can be read; name a text file or a folder of them");
    return files;
}

} // namespace

Haystack readHaystack(const fs::path &path)
{
    std::error_code error;
    Haystack haystack{path.string(), {}};
    if (fs::is_directory(path, error)) {
        for (const fs::path &file : textFiles(path))
            haystack.text += (haystack.text.empty() ? "" : "\n\n") + readTextFile(file);
    } else {
        haystack.text = readTextFile(path);
    }
    if (haystack.text.find_first_not_of(" \t\r\n") == std::string::npos)
        throw Error(ErrorKind::Input, path.string() + ": holds no text; a haystack needs some");
    return haystack;
}

Haystack defaultHaystack()
{
    const auto essays = essaysPath();
    return essays ? Haystack{"essays", readHaystack(*essays).text} : builtInHaystack();
}

Haystack builtInHaystack() { return {"built-in", std::string(resources::builtInHaystack())}; }

Haystack haystackNamed(const std::string &name)
{
    if (Haystack own = builtInHaystack(); own.name == name)
        return own;
    if (Haystack own = defaultHaystack(); own.name == name)
        return own;
    return readHaystack(name);
}

} // namespace headkv
