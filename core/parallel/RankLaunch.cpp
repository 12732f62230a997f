// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/RankLaunch.h"

#include "core/base/Error.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <unistd.h>

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
OpenTransport *loadModule(const std::string &started)
{
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
        const char *rank, *size, *localRank;
    };
    // The innermost launcher decides: mpirun, which may itself have been started by srun; then srun, whose size is the
    // step's; then what else offers PMI.
    constexpr std::array launchers{
        Launcher{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"},
        Launcher{"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID"},
        Launcher{"PMI_RANK", "PMI_SIZE", "PMI_RANK"}};
    RankPlace place;
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) == 0)
        place.host = host.data();
    for (const Launcher &launcher : launchers) {
        const int rank = numberOf(launcher.rank), size = numberOf(launcher.size);
        if (rank >= 0 && rank < size) {
            place.rank = rank;
            place.size = size;
            place.localRank = numberOf(launcher.localRank);
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
    const std::string started = "started as " + std::to_string(launched.size) + " ranks, ";
    // Each would end in Open MPI's initialisation, with a page of text, or work as if it were alone.
    if (!std::getenv("OMPI_COMM_WORLD_SIZE") && !std::getenv("PMIX_NAMESPACE"))
        throw Error(ErrorKind::Failed, started + "which cannot find each other without PMIx; start them by Open MPI's "
                                                 "mpirun, or by srun --mpi=pmix (srun --mpi=list shows what there is)");
    std::unique_ptr<RankTransport> transport(loadModule(started)());
    if (transport->place().size != launched.size)
        throw Error(ErrorKind::Failed, started + "of which MPI finds " + std::to_string(transport->place().size) +
                                           "; start them by Open MPI's mpirun, or by srun --mpi=pmix");
    return transport;
}

} // namespace headkv
