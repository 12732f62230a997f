// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/ModelConfig.h"

#include "core/model/GgufFile.h"

namespace headkv {

namespace {

constexpr int maxSize = 1 << 24; // far above any real model; keeps later products inside 64 bits

/// Reads one architecture's keys ("llama.block_count" and so on).
class ConfigReader
{
public:
    ConfigReader(const GgufFile &file, std::string prefix)
        : m_file(file)
        , m_prefix(std::move(prefix))
    {}

    int required(const char *name) const
    {
        const auto value = m_file.integer(key(name));
        if (!value)
            m_file.fail("metadata " + key(name) + " is missing; the file is incomplete");
        return checked(name, *value);
    }

    int optional(const char *name, int fallback) const
    {
        const auto value = m_file.integer(key(name));
        return value ? checked(name, *value) : fallback;
    }

    double number(const char *name, double fallback) const
    {
        const double value = m_file.number(key(name)).value_or(fallback);
        if (!(value > 0) || value > 1e12)
            m_file.fail("metadata " + key(name) + " is " + std::to_string(value) + "; a positive number is expected");
        return value;
    }

    std::string key(const char *name) const { return m_prefix + "." + name; }

private:
    int checked(const char *name, std::int64_t value) const
    {
        if (value < 1 || value > maxSize)
            m_file.fail("metadata " + key(name) + " is " + std::to_string(value) + "; between 1 and " +
                        std::to_string(maxSize) + " is expected");
        return static_cast<int>(value);
    }

    const GgufFile &m_file;
    std::string m_prefix;
};

void checkShape(const GgufFile &file, const ModelConfig &config)
{
    if (config.queryHeads % config.kvHeads != 0)
        file.fail(std::to_string(config.queryHeads) + " query heads cannot be shared among " +
                  std::to_string(config.kvHeads) + " KV heads");
    if (config.headDim % 2 != 0)
        file.fail("a head dimension of " + std::to_string(config.headDim) + " is odd; rotary embedding needs pairs");
}

/// Settings of other family members that would change the numbers silently.
void refuseUnsupported(const GgufFile &file, const ConfigReader &reader, const ModelConfig &config)
{
    const std::string scaling = file.text(reader.key("rope.scaling.type")).value_or("none");
    if (scaling != "none" || file.findTensor("rope_freqs.weight"))
        file.fail("RoPE scaling is not supported by this version; models without it are");
    if (reader.optional("rope.dimension_count", config.headDim) != config.headDim)
        file.fail("partial rotary embedding is not supported by this version");
    if (file.integer(reader.key("expert_count")).value_or(0) != 0)
        file.fail("mixtures of experts are not supported by this version; dense models are");
}

} // namespace

ModelConfig readModelConfig(const GgufFile &file)
{
    ModelConfig config;
    const auto architecture = file.text("general.architecture");
    if (!architecture)
        file.fail("metadata general.architecture is missing; this is not a model file");
    config.architecture = *architecture;
    if (config.architecture != "llama")
        file.fail("the architecture \"" + config.architecture.substr(0, 40) + "\" is not known; known are: llama");

    const ConfigReader reader(file, config.architecture);
    config.layers = reader.required("block_count");
    config.hiddenSize = reader.required("embedding_length");
    config.feedForwardSize = reader.required("feed_forward_length");
    config.contextLength = reader.required("context_length");
    config.queryHeads = reader.required("attention.head_count");
    config.kvHeads = reader.optional("attention.head_count_kv", config.queryHeads);
    config.headDim = reader.optional("attention.key_length", config.hiddenSize / config.queryHeads);
    config.normEpsilon = reader.number("attention.layer_norm_rms_epsilon", config.normEpsilon);
    config.ropeTheta = reader.number("rope.freq_base", config.ropeTheta);
    if (reader.optional("attention.value_length", config.headDim) != config.headDim)
        file.fail("values of another size than keys are not supported by this version");
    if (const GgufTensor *embedding = file.findTensor("token_embd.weight");
        embedding && embedding->shape.size() == 2 && embedding->shape[0] <= maxSize)
        config.vocabularySize = static_cast<int>(embedding->shape[0]);
    checkShape(file, config);
    refuseUnsupported(file, reader, config);
    return config;
}

} // namespace headkv
