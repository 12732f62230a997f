// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Installation.h"

#include "core/base/Error.h"

#include <cstdlib>
#include <string>
#include <torch/version.h>

namespace headkv {

namespace fs = std::filesystem;

const char *programVersion() noexcept { return HEADKV_VERSION; }

const char *libTorchVersion() noexcept { return TORCH_VERSION; }

fs::path installationPrefix()
{
    if (const char *overridden = std::getenv("HEADKV_PREFIX"); overridden && *overridden)
        return overridden;
    // The installed tree may have been moved, so it is found from the program itself.
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (fs::path own = program.parent_path().parent_path() / "share" / "headkv";
        fs::is_directory(own / "models", error))
        return own;
    return HEADKV_DEFAULT_PREFIX;
}

fs::path defaultModelPath()
{
    const fs::path path = installationPrefix() / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf";
    if (!fs::exists(path))
        throw Error(
            ErrorKind::Input,
            path.string() +
                ": the default model is not there; run scripts/setup.sh, set HEADKV_PREFIX, or name a model file");
    return path;
}

fs::path resolveModelPath(const std::string &model)
{
    return model == "default" ? defaultModelPath() : fs::path(model);
}

std::optional<fs::path> essaysPath()
{
    std::error_code error;
    fs::path path = installationPrefix() / "haystack";
    return fs::is_directory(path, error) ? std::optional(std::move(path)) : std::nullopt;
}

} // namespace headkv
