// SPDX-License-Identifier: GPL-3.0-or-later
// What compression gains on a device: a model of Llama 3 8B's shape with random weights (or any MODEL), a long prompt,
// methods one after another.   DeviceModelBenchmark [--device cuda] [--model FOLDER] [--prompt 32768] [--new
// 1,512,1024]
//   [--repeats 1] [--folder WHERE THE RANDOM MODEL GOES] [--json FILE]
// Exit status 77 where there is no device.
#include "core/base/Error.h"
#include "core/base/Memory.h"
#include "core/compression/CompressionMethod.h"
#include "core/evaluation/SpeedBenchmark.h"
#include "core/model/Model.h"
#include "tests/core/device/RandomModel.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

using namespace headkv;

namespace {

using Options = std::map<std::string, std::string>;

Options parse(int argc, char **argv)
{
    Options options{{"--device", "cuda"}, {"--model", ""},      {"--prompt", "32768"}, {"--new", "1,512,1024"},
                    {"--repeats", "1"},   {"--folder", "/tmp"}, {"--json", ""},        {"--shape", "8b"}};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!options.contains(argv[i])) {
            std::fprintf(stderr, "DeviceModelBenchmark: unknown option %s\n", argv[i]);
            std::exit(2);
        }
        options[argv[i]] = argv[i + 1];
    }
    return options;
}

std::vector<int> numbersOf(const std::string &list)
{
    std::vector<int> numbers;
    std::istringstream text(list);
    for (std::string part; std::getline(text, part, ',');)
        numbers.push_back(std::stoi(part));
    return numbers;
}

double secondsOf(const std::function<void()> &work)
{
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Llama 3 8B's, or, to try the program, a small one.
RandomModel shapeOf(const std::string &name)
{
    RandomModel model;
    model.context = 1 << 17;
    if (name == "8b") {
        model.layers = 32;
        model.hidden = 4096;
        model.heads = 32;
        model.kvHeads = 8;
        model.headDim = 128;
        model.feedForward = 14336;
        model.vocabulary = 128256;
        model.ropeTheta = 500000;
    }
    return model;
}

/// FullKV as the program stores it, and as published code does, each query head by itself; HeadKV and SnapKV.
std::vector<CompressionSettings> methodsOf(const ModelInfo &info)
{
    std::vector<CompressionSettings> methods;
    for (const char *method : {"full", "headkv", "snapkv"}) {
        for (const Granularity granularity : {Granularity::KvHead, Granularity::QueryHead}) {
            CompressionSettings settings;
            settings.method = method;
            settings.budget = 128;
            settings.window = publishedWindow;
            settings.granularity = granularity;
            for (int head = 0; head < info.layers * info.queryHeads; ++head)
                settings.importance.push_back(1 + (head * 7919 % 101) * (head * 7919 % 101)); // few heads have much
            methods.push_back(settings);
        }
    }
    return methods;
}

const SpeedRow &fullOf(const SpeedRow &row, const std::vector<SpeedRow> &rows)
{
    return *std::ranges::find_if(rows, [&](const SpeedRow &other) {
        return other.method == "full" && other.granularity == row.granularity && other.newTokens == row.newTokens;
    });
}

/// How many times as fast as FullKV in all, and by what share longer its prefill takes.
double speedup(const SpeedRow &row, const SpeedRow &full) { return full.totalSeconds / row.totalSeconds; }
double prefillLoss(const SpeedRow &row, const SpeedRow &full)
{
    return full.prefillTokensPerSecond / row.prefillTokensPerSecond - 1;
}

/// The goals: with 512 and 1,024 new tokens behind 32,768 HeadKV is 2.1 times as fast as FullKV, and its prefill takes
/// at most 6 % longer.
void printGoals(const std::vector<SpeedRow> &rows)
{
    const auto told = [](bool isMet) { return isMet ? "met" : "missed"; };
    for (const SpeedRow &row : rows) {
        if (row.method != "headkv" || row.promptTokens < 32768 || row.newTokens < 512)
            continue;
        const double times = speedup(row, fullOf(row, rows)), loss = prefillLoss(row, fullOf(row, rows));
        std::printf("goals by %s, %d new tokens: 2.1 x FullKV %s (%.2f), prefill within 6 %% %s (%.1f %%)\n",
                    toString(row.granularity).c_str(), row.newTokens, told(times >= 2.1), times, told(loss <= 0.06),
                    100 * loss);
    }
}

void print(const std::vector<SpeedRow> &rows)
{
    std::printf("%-10s %-10s %6s %6s %12s %9s %11s %9s %10s %10s %9s %9s\n", "method", "lists", "prompt", "new",
                "prefill t/s", "compress", "decode t/s", "total s", "KV GiB", "peak GiB", "x FullKV", "prefill +");
    for (const SpeedRow &row : rows)
        std::printf("%-10s %-10s %6d %6d %12.0f %8.1f%% %11.1f %9.2f %10.2f %10.2f %9.2f %8.1f%%\n", row.method.c_str(),
                    toString(row.granularity).c_str(), row.promptTokens, row.newTokens, row.prefillTokensPerSecond,
                    100 * row.compressShare, row.decodeTokensPerSecond, row.totalSeconds,
                    static_cast<double>(row.kvBytesPeak) / (1U << 30),
                    static_cast<double>(row.devicePeakBytes) / (1U << 30), speedup(row, fullOf(row, rows)),
                    100 * prefillLoss(row, fullOf(row, rows)));
}

nlohmann::ordered_json describe(const std::vector<SpeedRow> &rows)
{
    auto list = nlohmann::ordered_json::array();
    for (const SpeedRow &row : rows)
        list.push_back(headkv::describe(row));
    return list;
}

void run(Options options)
{
    if (options["--model"].empty()) {
        options["--model"] = options["--folder"] + "/headkv-random-" + options["--shape"];
        const double seconds = secondsOf([&] { shapeOf(options["--shape"]).write(options["--model"], 1); });
        std::printf("wrote %s in %.1f s\n", options["--model"].c_str(), seconds);
    }
    std::shared_ptr<const Model> model;
    const double seconds = secondsOf([&] { model = Model::load(options["--model"], {.device = options["--device"]}); });
    const ModelInfo &info = model->info();
    std::printf("loaded on %s in %.1f s: %s of weights in %s\n", info.device.c_str(), seconds,
                gibibytes(info.weightBytes).c_str(), info.dtype.c_str());
    SpeedBenchmarkSettings settings;
    settings.promptLengths = {std::min(512, std::stoi(options["--prompt"]))};
    settings.newTokens = {8};
    settings.methods = methodsOf(info);
    settings.repeats = 1;
    settings.text = "any";
    (void)runSpeedBenchmark(model, settings); // libraries are loaded and kernels chosen in the first runs
    settings.promptLengths = {std::stoi(options["--prompt"])};
    settings.newTokens = numbersOf(options["--new"]);
    settings.repeats = std::stoi(options["--repeats"]);
    const std::vector<SpeedRow> rows =
        runSpeedBenchmark(model, settings, {{}, [](const Progress &progress) {
                                                std::printf("%.0f of %.0f runs\n", progress.done, progress.total);
                                                std::fflush(stdout);
                                            }});
    print(rows);
    printGoals(rows);
    if (!options["--json"].empty())
        std::ofstream(options["--json"]) << describe(rows).dump(1) << "\n";
}

} // namespace

int main(int argc, char **argv)
{
    Options options = parse(argc, argv);
    try {
        requireDevice(options["--device"]);
    } catch (const Error &error) {
        std::printf("skipped: %s\n", error.what());
        return 77;
    }
    try {
        run(std::move(options));
    } catch (const std::exception &error) {
        std::printf("FAILED: %s\n", error.what());
        return 1;
    }
    return 0;
}
