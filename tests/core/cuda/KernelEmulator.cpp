// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cuda/KernelEmulator.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <random>
#include <ucontext.h>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace emulator {

int mostSharedBytes = 227 << 10;

namespace {

constexpr std::size_t stackBytes = 131072;

struct Warp
{
    WarpWords values[2]; ///< of even and odd exchanges: who is ahead does not overwrite what others still read
    unsigned exchanges = 0;
    int arrived = 0;
};

struct Copy
{
    void *to = nullptr;
    const void *from = nullptr;
    unsigned group = 0;
};

struct Thread
{
    enum class State { Ready, AtExchange, AtBarrier, Done };

    ucontext_t context{};
    std::unique_ptr<std::byte[]> stack = std::make_unique_for_overwrite<std::byte[]>(stackBytes);
    State state = State::Done;
    std::vector<Copy> copies;
    unsigned closed = 0; ///< groups of copies, up to now
};

struct alignas(16) Word
{
    unsigned char bytes[16];
};

struct Machine
{
    std::vector<Thread> threads;
    std::vector<Warp> warps;
    ucontext_t scheduler{};
    const std::function<void()> *kernel = nullptr;
    unsigned current = 0;
    const void *schedulerStack = nullptr;
    std::size_t schedulerStackBytes = 0;
    std::vector<Word> shared;
    std::size_t sharedBytes = 0;
};

Machine machine;
std::mt19937 random(11);

[[noreturn]] void fail(const char *what)
{
    std::fprintf(stderr, "kernel emulator: block (%u, %u, %u), thread %u: %s\n", blockIdx.x, blockIdx.y, blockIdx.z,
                 machine.current, what);
    std::abort();
}

/// Back to the scheduler.
void leave(Thread &thread, bool forGood)
{
#if defined(__SANITIZE_ADDRESS__)
    void *fake = nullptr;
    __sanitizer_start_switch_fiber(forGood ? nullptr : &fake, machine.schedulerStack, machine.schedulerStackBytes);
    swapcontext(&thread.context, &machine.scheduler);
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#else
    static_cast<void>(forGood);
    swapcontext(&thread.context, &machine.scheduler);
#endif
}

void resume(unsigned index)
{
    Thread &thread = machine.threads[index];
    machine.current = index;
    threadIdx = dim3(index);
    thread.state = Thread::State::Ready;
#if defined(__SANITIZE_ADDRESS__)
    void *fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, thread.stack.get(), stackBytes);
    swapcontext(&machine.scheduler, &thread.context);
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#else
    swapcontext(&machine.scheduler, &thread.context);
#endif
}

void threadMain()
{
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &machine.schedulerStack, &machine.schedulerStackBytes);
#endif
    (*machine.kernel)();
    Thread &thread = machine.threads[machine.current];
    thread.state = Thread::State::Done;
    leave(thread, true);
}

/// Runs a warp until all of its threads wait at a barrier or are done.
void runWarp(unsigned warp)
{
    const unsigned first = warp * 32, last = std::min<unsigned>(first + 32, blockDim.x);
    for (;;) {
        bool ran = false, waits = false;
        for (unsigned i = first; i < last; ++i) {
            if (machine.threads[i].state == Thread::State::Ready) {
                resume(i);
                ran = true;
            }
            waits = waits || machine.threads[i].state == Thread::State::AtExchange;
        }
        if (!ran && waits)
            fail("not all threads of the warp came to an exchange");
        if (!ran)
            return;
    }
}

const Word nothing = [] {
    Word word{};
    std::ranges::fill(word.bytes, static_cast<unsigned char>(0xff));
    return word;
}();

void prepare(Thread &thread)
{
    getcontext(&thread.context);
    thread.context.uc_stack.ss_sp = thread.stack.get();
    thread.context.uc_stack.ss_size = stackBytes;
    thread.context.uc_link = nullptr;
    makecontext(&thread.context, threadMain, 0);
    thread.state = Thread::State::Ready;
    thread.copies.clear();
    thread.closed = 0;
}

void runBlock()
{
    std::for_each_n(machine.threads.begin(), blockDim.x, prepare);
    std::vector<unsigned> order((blockDim.x + 31) / 32);
    machine.warps.assign(order.size(), {});
    std::iota(order.begin(), order.end(), 0U);
    for (;;) {
        if (random() % 2 == 0)
            std::ranges::reverse(order);
        std::ranges::for_each(order, runWarp);
        unsigned waiting = 0;
        for (unsigned i = 0; i < blockDim.x; ++i) {
            if (machine.threads[i].state == Thread::State::AtBarrier) {
                machine.threads[i].state = Thread::State::Ready;
                ++waiting;
            }
        }
        if (waiting == 0)
            return;
        if (waiting != blockDim.x)
            fail("not all threads of the block came to a barrier");
    }
}

} // namespace

void launch(dim3 grid, unsigned threads, const std::function<void()> &kernel, std::size_t sharedBytes)
{
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.y > 65535 || grid.z > 65535 || threads == 0 || threads > 1024)
        fail("no such grid");
    if (machine.threads.size() < threads)
        machine.threads.resize(threads);
    machine.kernel = &kernel;
    machine.sharedBytes = sharedBytes;
    gridDim = grid;
    blockDim = dim3(threads);
    std::vector<unsigned> blocks(std::size_t{grid.x} * grid.y * grid.z);
    std::iota(blocks.begin(), blocks.end(), 0U);
    std::ranges::shuffle(blocks, random);
    for (const unsigned block : blocks) {
        machine.shared.assign((machine.sharedBytes + 15) / 16, nothing);
        blockIdx = dim3(block % grid.x, block / grid.x % grid.y, block / grid.x / grid.y);
        runBlock();
    }
}

const WarpWords &exchangeWords(const std::uint32_t *words, int count)
{
    const unsigned index = machine.current;
    Warp &warp = machine.warps[index / 32];
    WarpWords &values = warp.values[warp.exchanges % 2];
    for (int i = 0; i < count; ++i)
        values.words[i][index % 32] = words[i];
    if (++warp.arrived == 32) {
        warp.arrived = 0;
        ++warp.exchanges;
        for (unsigned i = index / 32 * 32; i < index / 32 * 32 + 32; ++i) {
            if (i != index)
                machine.threads[i].state = Thread::State::Ready;
        }
        return values;
    }
    machine.threads[index].state = Thread::State::AtExchange;
    leave(machine.threads[index], false);
    return values;
}

void barrier()
{
    Thread &thread = machine.threads[machine.current];
    thread.state = Thread::State::AtBarrier;
    leave(thread, false);
}

unsigned char *dynamicShared() { return machine.shared.data()->bytes; }

void copyLater(void *to, const void *from)
{
    Thread &thread = machine.threads[machine.current];
    thread.copies.push_back({to, from, thread.closed});
}

void closeCopies() { ++machine.threads[machine.current].closed; }

void waitForCopies(int pending)
{
    Thread &thread = machine.threads[machine.current];
    const auto isOnItsWay = [&](const Copy &copy) {
        return copy.group + static_cast<unsigned>(pending) >= thread.closed;
    };
    for (const Copy &copy : thread.copies) {
        if (isOnItsWay(copy))
            continue;
        if (copy.from != nullptr)
            std::memcpy(copy.to, copy.from, 16);
        else
            std::memset(copy.to, 0, 16);
    }
    std::erase_if(thread.copies, [&](const Copy &copy) { return !isOnItsWay(copy); });
}

int laneOfThread() { return static_cast<int>(machine.current % 32); }

} // namespace emulator
