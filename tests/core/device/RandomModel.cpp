// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/device/RandomModel.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace headkv {

namespace {

struct RandomTensor
{
    std::string name;
    std::vector<std::int64_t> shape;
    double gain; ///< 0: a norm's weights, around 1

    [[nodiscard]] std::size_t elements() const
    {
        std::size_t count = 1;
        for (const std::int64_t size : shape)
            count *= static_cast<std::size_t>(size);
        return count;
    }
};

std::vector<RandomTensor> tensorsOf(const RandomModel &model)
{
    const std::int64_t hidden = model.hidden, queries = std::int64_t{model.heads} * model.headDim;
    const std::int64_t keys = std::int64_t{model.kvHeads} * model.headDim;
    std::vector<RandomTensor> tensors{{"model.embed_tokens.weight", {model.vocabulary, hidden}, 16}};
    for (int layer = 0; layer < model.layers; ++layer) {
        const std::string prefix = "model.layers." + std::to_string(layer) + ".";
        // Queries and keys are large, so that attention looks at some tokens more than at others.
        for (const auto &[name, rows, columns, gain] :
             {std::tuple("self_attn.q_proj", queries, hidden, 1.2), std::tuple("self_attn.k_proj", keys, hidden, 1.2),
              std::tuple("self_attn.v_proj", keys, hidden, 1.0), std::tuple("self_attn.o_proj", hidden, queries, 1.0),
              std::tuple("mlp.gate_proj", std::int64_t{model.feedForward}, hidden, 1.0),
              std::tuple("mlp.up_proj", std::int64_t{model.feedForward}, hidden, 1.0),
              std::tuple("mlp.down_proj", hidden, std::int64_t{model.feedForward}, 1.0)})
            tensors.push_back({prefix + name + ".weight", {rows, columns}, gain});
        tensors.push_back({prefix + "input_layernorm.weight", {hidden}, 0});
        tensors.push_back({prefix + "post_attention_layernorm.weight", {hidden}, 0});
    }
    tensors.push_back({"model.norm.weight", {hidden}, 0});
    tensors.push_back({"lm_head.weight", {model.vocabulary, hidden}, 2});
    return tensors;
}

std::uint64_t hashOf(std::uint64_t value)
{
    value = (value ^ value >> 33) * 0xff51afd7ed558ccdULL;
    value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53ULL;
    return value ^ value >> 33;
}

/// 256 values of a uniform distribution with variance gain² / columns, in bfloat16.
std::vector<std::uint16_t> valuesOf(const RandomTensor &tensor)
{
    const double spread =
        tensor.gain > 0 ? tensor.gain * std::sqrt(3.0 / static_cast<double>(tensor.shape.back())) : 0.2;
    std::vector<std::uint16_t> values;
    for (int i = 0; i < 256; ++i) {
        const auto value = static_cast<float>((tensor.gain > 0 ? 0 : 1) + spread * (i - 127.5) / 128);
        values.push_back(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16));
    }
    return values;
}

void fill(std::vector<std::uint16_t> &elements, const RandomTensor &tensor, std::uint64_t seed)
{
    const std::vector<std::uint16_t> values = valuesOf(tensor);
    const std::size_t words = (elements.size() + 7) / 8; // eight elements of a hash each
    const std::size_t workers = words > 4096 ? std::max(1U, std::thread::hardware_concurrency()) : 1;
    std::vector<std::thread> threads;
    for (std::size_t worker = 0; worker < workers; ++worker)
        threads.emplace_back([&, worker] {
            for (std::size_t word = words * worker / workers; word < words * (worker + 1) / workers; ++word) {
                std::uint64_t hash = hashOf(seed + word);
                for (std::size_t i = word * 8; i < std::min(elements.size(), word * 8 + 8); ++i, hash >>= 8)
                    elements[i] = values[hash & 255U];
            }
        });
    for (std::thread &thread : threads)
        thread.join();
}

nlohmann::json configOf(const RandomModel &model)
{
    return {{"model_type", "mistral"},
            {"hidden_act", "silu"},
            {"num_hidden_layers", model.layers},
            {"hidden_size", model.hidden},
            {"intermediate_size", model.feedForward},
            {"max_position_embeddings", model.context},
            {"num_attention_heads", model.heads},
            {"num_key_value_heads", model.kvHeads},
            {"head_dim", model.headDim},
            {"vocab_size", model.vocabulary},
            {"rms_norm_eps", 1e-5},
            {"rope_theta", model.ropeTheta},
            {"tie_word_embeddings", false},
            {"sliding_window", model.window > 0 ? nlohmann::json(model.window) : nlohmann::json()}};
}

} // namespace

void RandomModel::write(const std::filesystem::path &folder, std::uint64_t seed) const
{
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "config.json") << configOf(*this).dump(2);
    const std::vector<RandomTensor> tensors = tensorsOf(*this);
    nlohmann::json header;
    std::uint64_t offset = 0;
    for (const RandomTensor &tensor : tensors) {
        const std::uint64_t end = offset + 2 * tensor.elements();
        header[tensor.name] = {{"dtype", "BF16"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const std::uint64_t size = text.size();
    std::ofstream file(folder / "model.safetensors", std::ios::binary);
    file.write(reinterpret_cast<const char *>(&size), sizeof size).write(text.data(), std::ssize(text));
    for (const RandomTensor &tensor : tensors) {
        std::vector<std::uint16_t> elements(tensor.elements());
        fill(elements, tensor, hashOf(seed += 1) << 8);
        file.write(reinterpret_cast<const char *>(elements.data()), std::ssize(elements) * 2);
    }
    if (!file.flush())
        throw std::runtime_error(folder.string() + ": could not be written; is the disk full?");
}

} // namespace headkv
