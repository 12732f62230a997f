// SPDX-License-Identifier: GPL-3.0-or-later
// Compares the kernels on a device with plain sums. Plain C++, so that it builds where there is neither Qt nor
// LibTorch.
//   CudaDeviceTest [--small] [WORD]   cases whose name has the word; --small: for compute-sanitizer
// Exit status: 0, 1 where a case failed, 77 where there is no device. A case that breaks the context or hangs fails,
// and the rest runs in a fresh process.
#include "tests/core/cuda/DeviceMachine.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

using namespace headkv::cuda;

namespace {

constexpr int skipped = 77;
constexpr unsigned secondsPerCase = 30;

struct Options
{
    bool small = false;
    std::string word;
    std::size_t first = 0; ///< case; --from, with --failed: for the fresh process
    int failed = 0;
};

/// What the alarm's handler starts: this program from the next case on.
struct Restart
{
    char first[40], failed[40], small[16], word[200];
};
Restart restart;

void prepareRestart(const Options &options, std::size_t next, int failed)
{
    std::snprintf(restart.first, sizeof restart.first, "--from=%zu", next);
    std::snprintf(restart.failed, sizeof restart.failed, "--failed=%d", failed);
    std::snprintf(restart.small, sizeof restart.small, options.small ? "--small" : "--large");
    std::snprintf(restart.word, sizeof restart.word, "%s", options.word.c_str());
}

void startAfresh()
{
    char name[] = "CudaDeviceTest";
    char *arguments[] = {name, restart.first, restart.failed, restart.small, restart.word, nullptr};
    execv("/proc/self/exe", arguments);
    _exit(1);
}

void onAlarm(int)
{
    constexpr char text[] = "FAILED: still running; the rest in a fresh process\n";
    [[maybe_unused]] const auto written = write(STDOUT_FILENO, text, sizeof text - 1);
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarms, nullptr);
    startAfresh();
}

Options parse(int argc, char **argv)
{
    Options options;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--small") == 0)
            options.small = true;
        else if (std::strncmp(argv[i], "--from=", 7) == 0)
            options.first = std::strtoull(argv[i] + 7, nullptr, 10);
        else if (std::strncmp(argv[i], "--failed=", 9) == 0)
            options.failed = std::atoi(argv[i] + 9);
        else if (std::strncmp(argv[i], "--", 2) != 0)
            options.word = argv[i];
    }
    return options;
}

std::vector<KernelCase> casesOf(const Options &options)
{
    std::vector<KernelCase> cases;
    for (const auto &some : {cacheCases(), selectionCases(options.small), decodeCases(options.small)}) {
        for (const KernelCase &kernelCase : some) {
            if (kernelCase.name.find(options.word) != std::string::npos)
                cases.push_back(kernelCase);
        }
    }
    return cases;
}

} // namespace

int main(int argc, char **argv)
{
    const Options options = parse(argc, argv);
    int devices = 0;
    if (const cudaError_t status = cudaGetDeviceCount(&devices); status != cudaSuccess || devices == 0) {
        std::printf("skipped: no CUDA device (%s)\n",
                    status != cudaSuccess ? cudaGetErrorString(status) : "none is installed");
        return skipped;
    }
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::signal(SIGALRM, onAlarm);
    DeviceMachine machine;
    const std::vector<KernelCase> cases = casesOf(options);
    int failed = options.failed;
    for (std::size_t i = options.first; i < cases.size(); ++i) {
        prepareRestart(options, i + 1, failed + 1);
        const auto begin = std::chrono::steady_clock::now();
        std::printf("%-74s ", cases[i].name.c_str());
        std::fflush(stdout);
        alarm(secondsPerCase * (options.small ? 4 : 1));
        const std::string wrong = cases[i].run(machine), error = machine.error();
        alarm(0);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        failed += wrong.empty() && error.empty() ? 0 : 1;
        if (!error.empty()) {
            std::printf("FAILED: %s; the rest in a fresh process\n", error.c_str());
            std::fflush(stdout);
            startAfresh();
        }
        if (wrong.empty())
            std::printf("ok (%.2f s)\n", seconds);
        else
            std::printf("FAILED (%.2f s): %s\n", seconds, wrong.c_str());
        machine.clear();
    }
    std::printf("%zu cases, %d failed\n", cases.size(), failed);
    return failed == 0 && !cases.empty() ? 0 : 1;
}
