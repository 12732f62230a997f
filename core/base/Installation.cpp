// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Installation.h"

#include "core/base/Error.h"

#include <cstdlib>
#include <string>

namespace headkv {

namespace fs = std::filesystem;

const char *programVersion() noexcept { return HEADKV_VERSION; }

fs::path installationPrefix()
{
    const char *overridden = std::getenv("HEADKV_PREFIX");
    return overridden && *overridden ? fs::path(overridden) : fs::path(HEADKV_DEFAULT_PREFIX);
}

fs::path defaultModelPath()
{
    const fs::path path = installationPrefix() / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf";
    if (!fs::exists(path))
        throw Error(ErrorKind::Input,
                    path.string() + ": the default model is not there; run scripts/setup.sh or name a model file");
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
