// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/Checkpoint.h"

#include "core/base/Error.h"
#include "core/checkpoint/GgufConfig.h"
#include "core/checkpoint/GgufFile.h"
#include "core/checkpoint/GgufVocabulary.h"
#include "core/checkpoint/HuggingFaceDirectory.h"

#include <utility>

namespace headkv {

namespace {

class GgufCheckpoint : public Checkpoint
{
public:
    GgufCheckpoint(const std::filesystem::path &path, bool vocabularyOnly)
        : Checkpoint(path)
        , m_file(path)
    {
        m_config = vocabularyOnly || m_file.tensors().all().empty() ? describeGguf(m_file) : readGgufConfig(m_file);
    }

    std::string name() const override { return m_file.text("general.name").value_or(path().stem().string()); }
    std::optional<Vocabulary> vocabulary() const override { return readGgufVocabulary(m_file); }
    const TensorTable &tensors() const override { return m_file.tensors(); }
    std::vector<std::shared_ptr<const MappedFile>> files() const override { return m_file.files(); }

private:
    GgufFile m_file;
};

} // namespace

Checkpoint::Checkpoint(std::filesystem::path path)
    : m_path(std::move(path))
{}

Checkpoint::~Checkpoint() = default;

void Checkpoint::fail(const std::string &reason) const
{
    throw Error(ErrorKind::Input, m_path.string() + ": " + reason);
}

std::unique_ptr<Checkpoint> Checkpoint::open(const std::filesystem::path &path, bool vocabularyOnly)
{
    if (std::filesystem::is_directory(path))
        return std::make_unique<HuggingFaceDirectory>(path, vocabularyOnly);
    if (path.extension() == ".safetensors" || path.filename() == "config.json")
        return std::make_unique<HuggingFaceDirectory>(std::filesystem::absolute(path).parent_path(), vocabularyOnly);
    return std::make_unique<GgufCheckpoint>(path, vocabularyOnly);
}

} // namespace headkv
