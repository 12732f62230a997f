// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/RankLaunch.h"

#include "core/base/Error.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>

namespace headkv {

namespace fs = std::filesystem;

namespace {

constexpr auto moduleName = "headkv_mpi.so";

/// A whole number of the environment, or −1.
int numberOf(const char *variable)
{
    const char *text = std::getenv(variable);
    int value = -1;
    if (text)
        std::from_chars(text, text + std::strlen(text), value);
    return value;
}

/// Beside the program, or in the folder lib beside its own.
fs::path modulePath()
{
    std::error_code error;
    const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
    for (const fs::path &path : {folder / moduleName, folder.parent_path() / "lib" / moduleName}) {
        if (fs::exists(path, error))
            return path;
    }
    return {};
}

/// The module stays loaded: MPI does not bear being taken out of a process.
OpenTransport *loadModule(int ranks)
{
    const std::string started = "started as " + std::to_string(ranks) + " ranks, ";
    const fs::path path = modulePath();
    if (path.empty())
        throw Error(ErrorKind::Failed, started + "but " + moduleName +
                                           " is not beside the program, which connects them; build with Open MPI "
                                           "(HEADKV_MPI=ON), or start one process");
    void *module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL); // global: MPI's own modules look for its symbols
    void *symbol = module ? ::dlsym(module, "headkvOpenTransport") : nullptr;
    if (!symbol)
        throw Error(ErrorKind::Failed, started + "but " + path.string() + " cannot be loaded (" + ::dlerror() +
                                           "); install Open MPI on this machine");
    return reinterpret_cast<OpenTransport *>(symbol);
}

} // namespace

RankPlace launchedPlace()
{
    struct Launcher
    {
        const char *rank, *size;
    };
    // mpirun; srun with PMIx or PMI-2; the size that Slurm gives is the step's.
    constexpr std::array launchers{Launcher{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                   Launcher{"PMI_RANK", "PMI_SIZE"}, Launcher{"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"}};
    RankPlace place;
    for (const Launcher &launcher : launchers) {
        const int rank = numberOf(launcher.rank), size = numberOf(launcher.size);
        if (size > 1 && rank >= 0 && rank < size) {
            place.rank = rank;
            place.size = size;
            break;
        }
    }
    return place;
}

std::unique_ptr<RankTransport> connectRanks()
{
    const RankPlace launched = launchedPlace();
    if (launched.size == 1)
        return nullptr;
    std::unique_ptr<RankTransport> transport(loadModule(launched.size)());
    if (transport->place().size != launched.size)
        throw Error(ErrorKind::Failed, "started as " + std::to_string(launched.size) + " ranks, of which MPI finds " +
                                           std::to_string(transport->place().size) +
                                           "; start them by mpirun, or by srun --mpi=pmix");
    return transport;
}

} // namespace headkv
