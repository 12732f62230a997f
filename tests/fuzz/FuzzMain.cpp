// SPDX-License-Identifier: GPL-3.0-or-later
// A small stand-in for libFuzzer's main, for compilers without it: no coverage, only changes at random.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace {

using Random = std::mt19937_64;

std::vector<std::string> readCorpus(const std::filesystem::path &path)
{
    std::vector<std::filesystem::path> files{path};
    if (std::filesystem::is_directory(path))
        files.assign(std::filesystem::directory_iterator(path), {});
    std::ranges::sort(files);
    std::vector<std::string> corpus;
    for (const auto &file : files) {
        std::ifstream stream(file, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
    std::erase_if(corpus, [](const std::string &text) { return text.empty(); });
    return corpus;
}

std::string mutate(std::string text, const std::string &other, Random &random)
{
    const auto below = [&random](std::size_t end) {
        return static_cast<std::size_t>(random() % std::max<std::size_t>(end, 1));
    };
    for (std::size_t i = 0, count = 1 + below(6); i < count && !text.empty(); ++i) {
        const std::size_t at = below(text.size()), length = 1 + below(1 + below(200));
        switch (random() % 7) {
        case 0:
            text[at] = static_cast<char>(random());
            break;
        case 1:
            text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
            break;
        case 2:
            text.erase(at, length);
            break;
        case 3:
            text.insert(at, other.substr(below(other.size()), length));
            break;
        case 4:
            text.insert(at, length, text[at]);
            break;
        case 5:
            for (std::size_t j = at; j < std::min(at + 1 + below(8), text.size()); ++j)
                text[j] = random() % 2 == 0 ? '\xFF' : '\0';
            break;
        default:
            text.resize(at);
        }
    }
    return text;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 3) {
        std::cerr << "usage: " << argv[0] << " CORPUS_FOLDER_OR_FILE SECONDS [SEED]\n";
        return 2;
    }
    const std::vector<std::string> corpus = readCorpus(argv[1]);
    if (corpus.empty()) {
        std::cerr << argv[1] << ": no file to begin with\n";
        return 2;
    }
    Random random(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::strtol(argv[2], nullptr, 10));
    std::size_t runs = 0;
    for (; std::chrono::steady_clock::now() < end; ++runs) {
        const std::string input = mutate(corpus[random() % corpus.size()], corpus[random() % corpus.size()], random);
        // What is left here after a crash is the input that did it.
        std::ofstream("fuzz-last-input", std::ios::binary) << input;
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(input.data()), input.size());
    }
    std::filesystem::remove("fuzz-last-input");
    std::cout << runs << " inputs\n";
    return 0;
}
