// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/GgufConfig.h"

#include "core/checkpoint/Dequantize.h"
#include "core/checkpoint/Family.h"
#include "core/checkpoint/GgufFile.h"

#include <cmath>

namespace headkv {

namespace {

/// Reads one architecture's keys ("llama.block_count" and so on).
class KeyReader
{
public:
    KeyReader(const GgufFile &file, std::string prefix)
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
        if (!(value >= 0) || value > 1e12)
            m_file.fail("metadata " + key(name) + " is " + std::to_string(value) + "; a positive number is expected");
        return value;
    }

    std::string key(const char *name) const { return m_prefix + "." + name; }

private:
    int checked(const char *name, std::int64_t value) const
    {
        if (value < 1 || value > maxConfigSize)
            m_file.fail("metadata " + key(name) + " is " + std::to_string(value) + "; between 1 and " +
                        std::to_string(maxConfigSize) + " is expected");
        return static_cast<int>(value);
    }

    const GgufFile &m_file;
    std::string m_prefix;
};

std::string readArchitecture(const GgufFile &file)
{
    auto architecture = file.text("general.architecture");
    if (!architecture)
        file.fail("metadata general.architecture is missing; this is not a model file");
    return *architecture;
}

/// A vector of factors that the file keeps as a tensor; empty where it does not.
std::vector<float> readFactors(const GgufFile &file, const char *name)
{
    const StoredTensor *tensor = file.tensors().find(name);
    if (!tensor)
        return {};
    if (tensor->shape.size() != 1 || tensor->shape[0] > static_cast<std::uint64_t>(maxConfigSize))
        file.fail("tensor " + std::string(name) + " is not a vector");
    std::vector<float> factors(tensor->shape[0]);
    dequantizeRow(*tensor, 0, factors);
    return factors;
}

double yarnAttentionFactor(double factor) { return factor > 1 ? 0.1 * std::log(factor) + 1 : 1; }

RopeConfig readRope(const GgufFile &file, const KeyReader &reader, const ModelConfig &config)
{
    RopeConfig rope;
    rope.theta = reader.number("rope.freq_base", rope.theta);
    rope.dimensions = reader.optional("rope.dimension_count", config.headDim);
    rope.originalContext = reader.optional("rope.scaling.original_context_length", config.contextLength);
    rope.factor = reader.number("rope.scaling.factor", 1);
    if (rope.factor == 0) // as llama.cpp reads it
        rope.factor = 1;
    const std::string type = file.text(reader.key("rope.scaling.type")).value_or("none");
    if (type == "yarn") {
        rope.scaling = RopeScaling::Yarn;
        rope.betaFast = reader.number("rope.scaling.yarn_beta_fast", rope.betaFast);
        rope.betaSlow = reader.number("rope.scaling.yarn_beta_slow", rope.betaSlow);
        rope.attentionFactor = yarnAttentionFactor(rope.factor) * reader.number("rope.scaling.attn_factor", 1);
        if (file.number(reader.key("rope.scaling.yarn_log_multiplier")).value_or(0) != 0)
            file.fail("a yarn log multiplier is not supported by this version");
    } else if (type == "linear") {
        rope.scaling = RopeScaling::Linear;
    } else if (type != "none" && type != "longrope") {
        file.fail("the RoPE scaling \"" + type.substr(0, 40) + "\" is not known; known are: linear, longrope, yarn");
    }
    rope.divisors = readFactors(file, "rope_freqs.weight"); // llama3's scaling, worked out
    if (std::vector<float> shorts = readFactors(file, "rope_factors_short.weight"); !shorts.empty()) {
        rope.scaling = RopeScaling::LongRope;
        rope.divisors = std::move(shorts);
        rope.longDivisors = readFactors(file, "rope_factors_long.weight");
        rope.attentionFactor = reader.number("rope.scaling.attn_factor", 1);
    }
    return rope;
}

void readWindows(const GgufFile &file, const KeyReader &reader, const Family &family, ModelConfig &config)
{
    if (family.window == WindowPattern::None || file.integer(reader.key("attention.sliding_window")).value_or(0) <= 0)
        return;
    const int window = reader.required("attention.sliding_window");
    const std::string patternKey = reader.key("attention.sliding_window_pattern"); // a list by layer, or an interval
    const auto list = file.holdsList(patternKey) ? file.integerList(patternKey) : std::nullopt;
    const int interval = list || family.window != WindowPattern::AllButNth
                             ? 0
                             : reader.optional("attention.sliding_window_pattern", family.windowInterval);
    for (int layer = 0; layer < config.layers; ++layer) {
        const auto i = static_cast<std::size_t>(layer);
        bool windowed = family.window == WindowPattern::Every;
        if (list && i < list->size())
            windowed = (*list)[i] != 0;
        else if (interval > 0)
            windowed = (layer + 1) % interval != 0;
        if (windowed)
            config.layerConfigs[i].window = window;
    }
}

/// What Gemma's files leave to the reader.
void readGemma(const KeyReader &reader, ModelConfig &config)
{
    const bool third = config.architecture == "gemma3";
    config.embeddingScale = std::sqrt(static_cast<double>(config.hiddenSize));
    config.logitSoftcap = reader.number("final_logit_softcapping", 0);
    config.attentionSoftcap = third ? 0 : reader.number("attn_logit_softcapping", 0);
    // The 27-billion models divide by √(hidden / heads); their files do not say so.
    if (config.layers == (third ? 62 : 46))
        config.attentionScale = 1 / std::sqrt(static_cast<double>(config.hiddenSize) / config.queryHeads);
    if (!third)
        return;
    config.localRope.emplace();
    config.localRope->theta = reader.number("rope.freq_base_swa", config.localRope->theta);
}

} // namespace

ModelConfig readGgufConfig(const GgufFile &file)
{
    ModelConfig config;
    config.architecture = readArchitecture(file);
    const Family *family = findFamilyOfGguf(config.architecture);
    if (!family)
        file.fail("the architecture \"" + config.architecture.substr(0, 40) +
                  "\" is not known; known are: " + knownGgufArchitectures());

    const KeyReader reader(file, config.architecture);
    config.layers = reader.required("block_count");
    config.hiddenSize = reader.required("embedding_length");
    config.feedForwardSize = reader.required("feed_forward_length");
    config.contextLength = reader.required("context_length");
    config.queryHeads = reader.required("attention.head_count");
    config.kvHeads = reader.optional("attention.head_count_kv", config.queryHeads);
    config.headDim = reader.optional("attention.key_length", config.hiddenSize / config.queryHeads);
    config.normEpsilon = reader.number("attention.layer_norm_rms_epsilon", config.normEpsilon);
    config.activation = family->activation;
    config.adjacentPairs = family->adjacentPairsInGguf;
    if (reader.optional("attention.value_length", config.headDim) != config.headDim)
        file.fail("values of another size than keys are not supported by this version");
    if (file.integer(reader.key("expert_count")).value_or(0) != 0)
        file.fail("mixtures of experts are not supported by this version; dense models are");
    if (const StoredTensor *embedding = file.tensors().find("token_embd.weight");
        embedding && embedding->shape.size() == 2 && embedding->shape[0] <= maxConfigSize)
        config.vocabularySize = static_cast<int>(embedding->shape[0]);
    config.rope = readRope(file, reader, config);
    config.layerConfigs.resize(static_cast<std::size_t>(config.layers));
    readWindows(file, reader, *family, config);
    for (int layer = family->noRopeInterval; family->noRopeInterval > 0 && layer <= config.layers;
         layer += family->noRopeInterval)
        config.layerConfigs[static_cast<std::size_t>(layer) - 1].rotary = false;
    if (family->scalesEmbedding)
        readGemma(reader, config);
    if (const auto problem = complete(config))
        file.fail(*problem);
    return config;
}

ModelConfig describeGguf(const GgufFile &file)
{
    ModelConfig config;
    config.architecture = readArchitecture(file);
    const auto read = [&](const char *name) {
        const std::string key = config.architecture + "." + name;
        const std::int64_t value = file.holdsList(key) ? 0 : file.integer(key).value_or(0);
        return value > 0 && value <= maxConfigSize ? static_cast<int>(value) : 0;
    };
    config.layers = read("block_count");
    config.hiddenSize = read("embedding_length");
    config.feedForwardSize = read("feed_forward_length");
    config.contextLength = read("context_length");
    config.queryHeads = read("attention.head_count");
    config.kvHeads = read("attention.head_count_kv");
    if (config.kvHeads == 0)
        config.kvHeads = config.queryHeads;
    config.headDim = read("attention.key_length");
    if (config.headDim == 0 && config.queryHeads > 0)
        config.headDim = config.hiddenSize / config.queryHeads;
    return config;
}

} // namespace headkv
