// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/HuggingFaceConfig.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/checkpoint/Family.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::json;

constexpr std::size_t maxFileBytes = std::size_t{1} << 20;

/// Keys of one JSON object. A key with null counts as absent, as transformers takes it.
class KeyReader
{
public:
    KeyReader(const Json &object, std::string where)
        : m_object(object)
        , m_where(std::move(where))
    {}

    [[noreturn]] void fail(const std::string &reason) const { throw Error(ErrorKind::Input, m_where + ": " + reason); }

    const Json *find(const char *key) const
    {
        const auto found = m_object.find(key);
        return found == m_object.end() || found->is_null() ? nullptr : &*found;
    }

    int integer(const char *key, std::optional<int> fallback = std::nullopt) const
    {
        const Json *value = find(key);
        if (!value && fallback)
            return *fallback;
        if (!value)
            fail(std::string(key) + " is missing; the file is incomplete");
        if (!value->is_number_integer() || *value < 1 || *value > maxConfigSize)
            fail(std::string(key) + " is " + value->dump().substr(0, 40) + "; a whole number between 1 and " +
                 std::to_string(maxConfigSize) + " is expected");
        return value->get<int>();
    }

    double number(const char *key, double fallback) const
    {
        const Json *value = find(key);
        if (!value)
            return fallback;
        const double result = value->is_number() ? value->get<double>() : -1;
        if (!(result >= 0) || result > 1e12)
            fail(std::string(key) + " is " + value->dump().substr(0, 40) + "; a positive number is expected");
        return result;
    }

    bool flag(const char *key, bool fallback) const
    {
        const Json *value = find(key);
        if (value && !value->is_boolean())
            fail(std::string(key) + " is " + value->dump().substr(0, 40) + "; true or false is expected");
        return value ? value->get<bool>() : fallback;
    }

    std::string text(const char *key, const std::string &fallback) const
    {
        const Json *value = find(key);
        if (value && !value->is_string())
            fail(std::string(key) + " is " + value->dump().substr(0, 40) + "; a text is expected");
        return value ? value->get<std::string>() : fallback;
    }

    /// An object of its own; null: absent.
    const Json *object(const char *key) const
    {
        const Json *value = find(key);
        if (value && !value->is_object())
            fail(std::string(key) + " is not an object");
        return value;
    }

    /// A list of which `isProper` accepts each element.
    const Json *list(const char *key, bool (*isProper)(const Json &)) const
    {
        const Json *value = find(key);
        if (value && (!value->is_array() || value->size() > static_cast<std::size_t>(maxConfigSize) ||
                      !std::ranges::all_of(*value, isProper)))
            fail(std::string(key) + " is not a list of what is expected there");
        return value;
    }

    const std::string &where() const { return m_where; }

private:
    const Json &m_object;
    std::string m_where;
};

std::vector<float> readDivisors(const KeyReader &scaling, const char *key)
{
    const Json *list = scaling.list(key, [](const Json &value) { return value.is_number(); });
    if (!list)
        scaling.fail(std::string(key) + " is missing");
    return list->get<std::vector<float>>();
}

double yarnMagnitude(double factor, double multiplier)
{
    return factor > 1 ? 0.1 * multiplier * std::log(factor) + 1 : 1;
}

void readYarn(const KeyReader &scaling, RopeConfig &rope)
{
    rope.betaFast = scaling.number("beta_fast", rope.betaFast);
    rope.betaSlow = scaling.number("beta_slow", rope.betaSlow);
    rope.truncate = scaling.flag("truncate", true);
    const double multiplier = scaling.number("mscale", 0);
    const double allDimensions = scaling.number("mscale_all_dim", 0);
    const double inferred = multiplier > 0 && allDimensions > 0
                                ? yarnMagnitude(rope.factor, multiplier) / yarnMagnitude(rope.factor, allDimensions)
                                : yarnMagnitude(rope.factor, 1);
    rope.attentionFactor = scaling.number("attention_factor", inferred);
}

void readLongRope(const KeyReader &scaling, RopeConfig &rope)
{
    rope.divisors = readDivisors(scaling, "short_factor");
    rope.longDivisors = readDivisors(scaling, "long_factor");
    const double inferred =
        rope.factor > 1 ? std::sqrt(1 + std::log(rope.factor) / std::log(static_cast<double>(rope.originalContext)))
                        : 1;
    rope.attentionFactor = scaling.number("attention_factor", inferred);
}

/// One set of rotary parameters: `scaling` is the file's rope_parameters or, in older files, its rope_scaling.
RopeConfig readScaling(const KeyReader &top, const KeyReader &scaling, double theta, const ModelConfig &config)
{
    RopeConfig rope;
    rope.theta = scaling.number("rope_theta", theta);
    const double part = scaling.number("partial_rotary_factor", top.number("partial_rotary_factor", 1));
    rope.dimensions = config.headDim;
    if (config.architecture == "phi3") // in transformers the others' heads are rotated whole, whatever the file says
        rope.dimensions = static_cast<int>(config.headDim * std::min(part, 1.0));
    const std::string type = scaling.text("rope_type", scaling.text("type", "default"));
    if (type == "default")
        return rope;
    rope.originalContext = scaling.integer("original_max_position_embeddings",
                                           top.integer("original_max_position_embeddings", config.contextLength));
    rope.factor = scaling.number("factor", static_cast<double>(config.contextLength) / rope.originalContext);
    if (type == "linear") {
        rope.scaling = RopeScaling::Linear;
    } else if (type == "dynamic") {
        rope.scaling = RopeScaling::Dynamic;
        rope.originalContext = config.contextLength; // what transformers compares with
    } else if (type == "llama3") {
        rope.scaling = RopeScaling::Llama3;
        rope.lowFrequencyFactor = scaling.number("low_freq_factor", rope.lowFrequencyFactor);
        rope.highFrequencyFactor = scaling.number("high_freq_factor", rope.highFrequencyFactor);
    } else if (type == "longrope" || (config.architecture == "phi3" && (type == "su" || type == "yarn"))) {
        rope.scaling = RopeScaling::LongRope; // old Phi-3 files call it su or yarn
        readLongRope(scaling, rope);
    } else if (type == "yarn") {
        rope.scaling = RopeScaling::Yarn;
        readYarn(scaling, rope);
    } else {
        scaling.fail("the RoPE scaling \"" + type.substr(0, 40) +
                     "\" is not known; known are: default, dynamic, linear, llama3, longrope, yarn");
    }
    return rope;
}

void readRope(const KeyReader &top, ModelConfig &config)
{
    static const Json none = Json::object();
    const Json *parameters = top.object("rope_parameters");
    const Json *scaling = parameters ? parameters : top.object("rope_scaling");
    const KeyReader reader(scaling ? *scaling : none,
                           top.where() + (parameters ? ": rope_parameters" : ": rope_scaling"));
    if (config.architecture != "gemma3_text") {
        config.rope = readScaling(top, reader, top.number("rope_theta", 10000), config);
        return;
    }
    // Gemma 3 has one set for windowed layers and one for the others.
    const Json *full = parameters ? reader.object("full_attention") : scaling;
    const Json *local = parameters ? reader.object("sliding_attention") : nullptr;
    config.rope = readScaling(top, {full ? *full : none, reader.where()}, top.number("rope_theta", 1e6), config);
    config.localRope =
        readScaling(top, {local ? *local : none, reader.where()}, top.number("rope_local_base_freq", 1e4), config);
}

/// Whether a layer sees a window only, where the file does not list it.
bool isWindowed(const KeyReader &top, const Family &family, const ModelConfig &config, int layer)
{
    switch (family.window) {
    case WindowPattern::None:
        break;
    case WindowPattern::Every:
        return true;
    case WindowPattern::FromLayer:
        return layer >= static_cast<int>(top.number("max_window_layers", 28));
    case WindowPattern::WithoutRope:
        return !config.layerConfigs[static_cast<std::size_t>(layer)].rotary;
    case WindowPattern::AllButNth:
        return (layer + 1) % top.integer("sliding_window_pattern", family.windowInterval) != 0;
    }
    return false;
}

void readWindows(const KeyReader &top, const Family &family, ModelConfig &config)
{
    const bool optIn = family.window == WindowPattern::FromLayer || family.window == WindowPattern::WithoutRope;
    if (family.window == WindowPattern::None || (optIn && !top.flag("use_sliding_window", false)))
        return;
    if (!top.find("sliding_window")) // null: none
        return;
    const int window = top.integer("sliding_window");
    const Json *types = top.list("layer_types", [](const Json &value) { return value.is_string(); });
    for (int layer = 0; layer < config.layers; ++layer) {
        const auto i = static_cast<std::size_t>(layer);
        const bool windowed =
            types && i < types->size() ? (*types)[i] == "sliding_attention" : isWindowed(top, family, config, layer);
        if (windowed)
            config.layerConfigs[i].window = window;
    }
}

void readLayersWithoutRope(const KeyReader &top, const Family &family, ModelConfig &config)
{
    if (family.noRopeInterval == 0)
        return;
    const int interval = top.integer("no_rope_layer_interval", family.noRopeInterval);
    const Json *list = top.list("no_rope_layers", [](const Json &value) { return value.is_number_integer(); });
    for (int layer = 0; layer < config.layers; ++layer) {
        const auto i = static_cast<std::size_t>(layer);
        // The list says 1 for layers that have it.
        config.layerConfigs[i].rotary = list && i < list->size() ? (*list)[i] != 0 : (layer + 1) % interval != 0;
    }
}

void readActivation(const KeyReader &top, const Family &family)
{
    const char *expected = family.activation == Activation::Silu ? "silu" : "gelu_pytorch_tanh";
    const std::string fallback = family.activation == Activation::Silu ? top.text("hidden_act", expected) : expected;
    const std::string activation = top.text("hidden_activation", fallback);
    if (activation != expected)
        top.fail("the activation \"" + activation.substr(0, 40) + "\" is not the family's (" + expected + ")");
}

void readGemma(const KeyReader &top, ModelConfig &config)
{
    config.embeddingScale = std::sqrt(static_cast<double>(config.hiddenSize));
    config.attentionScale = 1 / std::sqrt(std::max(1.0, top.number("query_pre_attn_scalar", 256)));
    config.attentionSoftcap = top.find("attn_logit_softcapping") ? top.number("attn_logit_softcapping", 0) : 0;
    config.logitSoftcap = top.find("final_logit_softcapping") ? top.number("final_logit_softcapping", 0) : 0;
    if (top.flag("use_bidirectional_attention", false))
        top.fail("bidirectional attention is not supported; models that generate text do not have it");
}

/// What transformers takes where a family's file leaves a key out. Files of large Gemma 3 models leave out most.
Json defaultsOf(const std::string &modelType)
{
    static const Json defaults = Json::parse(R"({
        "mistral": {"sliding_window": 4096, "num_key_value_heads": 8},
        "qwen2": {"sliding_window": 4096},
        "qwen3": {"sliding_window": 4096, "head_dim": 128},
        "phi3": {"rms_norm_eps": 1e-5},
        "smollm3": {"tie_word_embeddings": true, "num_key_value_heads": 4, "rope_theta": 2000000.0},
        "gemma2": {"tie_word_embeddings": true, "sliding_window": 4096, "head_dim": 256, "num_key_value_heads": 4,
                   "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0},
        "gemma3_text": {"tie_word_embeddings": true, "sliding_window": 4096, "head_dim": 256, "num_attention_heads": 8,
                        "num_key_value_heads": 4, "vocab_size": 262208, "max_position_embeddings": 131072}})");
    return defaults.value(modelType, Json::object());
}

ModelConfig readModel(const KeyReader &top)
{
    const std::string type = top.text("model_type", "");
    const Family *family = findFamily(type);
    if (!family)
        top.fail("the model_type \"" + type.substr(0, 40) + "\" is not known; known are: " + knownFamilies());
    if (top.find("quantization_config"))
        top.fail("its weights are quantised (quantization_config), which is not read from this kind of file; fetch the "
                 "model unquantised or as GGUF");
    ModelConfig config;
    config.architecture = type;
    config.layers = top.integer("num_hidden_layers");
    config.hiddenSize = top.integer("hidden_size");
    config.feedForwardSize = top.integer("intermediate_size");
    config.contextLength = top.integer("max_position_embeddings");
    config.queryHeads = top.integer("num_attention_heads");
    config.kvHeads = top.integer("num_key_value_heads", config.queryHeads);
    config.headDim = top.integer("head_dim", std::max(1, config.hiddenSize / config.queryHeads));
    config.vocabularySize = top.integer("vocab_size");
    config.normEpsilon = top.number("rms_norm_eps", 1e-6);
    config.normOffset = family->normOffset;
    config.activation = family->activation;
    config.tiedEmbeddings = top.flag("tie_word_embeddings", false);
    config.layerConfigs.resize(static_cast<std::size_t>(config.layers));
    readActivation(top, *family);
    readRope(top, config);
    readLayersWithoutRope(top, *family, config);
    readWindows(top, *family, config);
    if (family->scalesEmbedding)
        readGemma(top, config);
    if (const auto problem = complete(config))
        top.fail(*problem);
    return config;
}

} // namespace

ModelConfig readHuggingFaceConfig(const std::filesystem::path &path)
{
    Json json = Json::parse(readTextFile(path, maxFileBytes), nullptr, false);
    if (!json.is_object())
        KeyReader(json, path.string()).fail("not a JSON object; name a folder with a model's config.json");
    // A model that sees pictures, too, keeps the configuration of its language model in an object of its own.
    if (const auto text = json.find("text_config"); text != json.end() && text->is_object())
        json = Json(*text);
    const auto type = json.find("model_type");
    Json complete = defaultsOf(type != json.end() && type->is_string() ? type->get<std::string>() : "");
    complete.update(json);
    return readModel({complete, path.string()});
}

} // namespace headkv
