// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/WeightLoader.h"

#include "core/model/Dequantize.h"
#include "core/model/GgufFile.h"
#include "core/model/ModelConfig.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>

namespace headkv {

namespace {

using Shape = std::vector<std::int64_t>;

std::string describe(const auto &shape)
{
    std::string text = "[";
    for (const auto size : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    return text + "]";
}

const GgufTensor &requireTensor(const GgufFile &file, const std::string &name, const Shape &shape)
{
    const GgufTensor *tensor = file.findTensor(name);
    if (!tensor)
        file.fail("tensor " + name + " is missing; the file is incomplete");
    if (!std::ranges::equal(tensor->shape, shape,
                            [](std::uint64_t a, std::int64_t b) { return a == static_cast<std::uint64_t>(b); }))
        file.fail("tensor " + name + " has shape " + describe(tensor->shape) + ", its metadata asks for " +
                  describe(shape));
    return *tensor;
}

/// The names and shapes of a llama file's tensors, in one place.
struct LayerTensors
{
    const GgufTensor &attentionNorm, &query, &key, &value, &attentionOutput, &feedForwardNorm, &gate, &up, &down;

    static LayerTensors find(const GgufFile &file, const ModelConfig &c, int layer)
    {
        const std::string prefix = "blk." + std::to_string(layer) + ".";
        const auto tensor = [&](const char *name, const Shape &shape) -> const GgufTensor & {
            return requireTensor(file, prefix + name + ".weight", shape);
        };
        const std::int64_t queries = std::int64_t{c.queryHeads} * c.headDim;
        const std::int64_t keys = std::int64_t{c.kvHeads} * c.headDim;
        if (file.findTensor(prefix + "attn_q.bias"))
            file.fail("tensor " + prefix + "attn_q.bias: biases are not supported by this version");
        return {tensor("attn_norm", {c.hiddenSize}),
                tensor("attn_q", {queries, c.hiddenSize}),
                tensor("attn_k", {keys, c.hiddenSize}),
                tensor("attn_v", {keys, c.hiddenSize}),
                tensor("attn_output", {c.hiddenSize, queries}),
                tensor("ffn_norm", {c.hiddenSize}),
                tensor("ffn_gate", {c.feedForwardSize, c.hiddenSize}),
                tensor("ffn_up", {c.feedForwardSize, c.hiddenSize}),
                tensor("ffn_down", {c.hiddenSize, c.feedForwardSize})};
    }
};

/// Where a row of the file goes in memory. Files of the llama architecture store the rotary pairs of a head's queries
/// and keys side by side, (2i, 2i + 1); in memory they are (i, i + D/2).
std::int64_t rotaryRow(std::int64_t fileRow, std::int64_t headDim)
{
    const std::int64_t head = fileRow / headDim;
    const std::int64_t i = fileRow % headDim;
    return head * headDim + i / 2 + (i % 2) * (headDim / 2);
}

enum class RowOrder { AsStored, Rotary };

/// Dequantises a tensor into rows of `out`, beginning at `firstRow`.
void copyRows(const GgufTensor &tensor, at::Tensor &out, std::int64_t firstRow, RowOrder order = RowOrder::AsStored,
              std::int64_t headDim = 0)
{
    const auto columns = static_cast<std::int64_t>(tensor.shape.back());
    const auto rows = static_cast<std::int64_t>(tensor.elements()) / columns;
    at::parallel_for(0, rows, 16, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> scratch(columns);
        for (std::int64_t row = begin; row < end; ++row) {
            const std::int64_t target =
                (firstRow + (order == RowOrder::Rotary ? rotaryRow(row, headDim) : row)) * columns;
            if (out.scalar_type() == at::kFloat) {
                dequantizeRow(tensor, row, {out.mutable_data_ptr<float>() + target, scratch.size()});
            } else {
                dequantizeRow(tensor, row, scratch);
                std::copy(scratch.begin(), scratch.end(), out.mutable_data_ptr<at::BFloat16>() + target);
            }
        }
    });
}

at::Tensor loadTensor(const GgufTensor &tensor, at::ScalarType dtype)
{
    at::Tensor out = at::empty(Shape(tensor.shape.begin(), tensor.shape.end()), dtype);
    copyRows(tensor, out, 0);
    return out;
}

LayerWeights loadLayer(const LayerTensors &tensors, const ModelConfig &c, at::ScalarType dtype)
{
    LayerWeights layer;
    layer.attentionNorm = loadTensor(tensors.attentionNorm, at::kFloat);
    layer.feedForwardNorm = loadTensor(tensors.feedForwardNorm, at::kFloat);
    layer.attentionOutput = loadTensor(tensors.attentionOutput, dtype);
    layer.down = loadTensor(tensors.down, dtype);

    const std::int64_t queries = std::int64_t{c.queryHeads} * c.headDim;
    const std::int64_t keys = std::int64_t{c.kvHeads} * c.headDim;
    layer.qkv = at::empty({queries + 2 * keys, c.hiddenSize}, dtype);
    copyRows(tensors.query, layer.qkv, 0, RowOrder::Rotary, c.headDim);
    copyRows(tensors.key, layer.qkv, queries, RowOrder::Rotary, c.headDim);
    copyRows(tensors.value, layer.qkv, queries + keys);

    layer.gateUp = at::empty({2 * std::int64_t{c.feedForwardSize}, c.hiddenSize}, dtype);
    copyRows(tensors.gate, layer.gateUp, 0);
    copyRows(tensors.up, layer.gateUp, c.feedForwardSize);
    return layer;
}

const GgufTensor &findEmbedding(const GgufFile &file, const ModelConfig &c)
{
    return requireTensor(file, "token_embd.weight", {c.vocabularySize, c.hiddenSize});
}

/// Every tensor is looked up and its shape checked before the first byte is allocated.
void checkTensors(const GgufFile &file, const ModelConfig &c)
{
    findEmbedding(file, c);
    requireTensor(file, "output_norm.weight", {c.hiddenSize});
    if (file.findTensor("output.weight"))
        requireTensor(file, "output.weight", {c.vocabularySize, c.hiddenSize});
    for (int layer = 0; layer < c.layers; ++layer)
        LayerTensors::find(file, c, layer);
}

} // namespace

std::uint64_t Weights::bytes() const
{
    std::uint64_t sum = embedding.nbytes() + outputNorm.nbytes() + (output.is_same(embedding) ? 0 : output.nbytes());
    for (const LayerWeights &layer : layers) {
        for (const at::Tensor *tensor : {&layer.attentionNorm, &layer.qkv, &layer.attentionOutput,
                                         &layer.feedForwardNorm, &layer.gateUp, &layer.down})
            sum += tensor->nbytes();
    }
    return sum;
}

std::uint64_t weightBytes(const GgufFile &file, const ModelConfig &config, at::ScalarType dtype)
{
    checkTensors(file, config);
    std::uint64_t bytes = 0;
    for (const GgufTensor &tensor : file.tensors())
        bytes += tensor.elements() * (tensor.shape.size() == 1 ? sizeof(float) : at::elementSize(dtype));
    return bytes;
}

std::unique_ptr<Weights> loadWeights(const GgufFile &file, const ModelConfig &config, at::ScalarType dtype,
                                     const JobControl &control)
{
    const c10::InferenceMode guard;
    checkTensors(file, config);
    auto weights = std::make_unique<Weights>();
    const auto step = [&](int done) {
        control.cancellation.throwIfCancelled();
        control.report({"Loading weights", static_cast<double>(done), config.layers + 1.0, "layers"});
    };
    step(0);
    weights->embedding = loadTensor(findEmbedding(file, config), dtype);
    weights->outputNorm = loadTensor(*file.findTensor("output_norm.weight"), at::kFloat);
    const GgufTensor *output = file.findTensor("output.weight");
    weights->output = output ? loadTensor(*output, dtype) : weights->embedding;
    for (int layer = 0; layer < config.layers; ++layer) {
        step(layer + 1);
        weights->layers.push_back(loadLayer(LayerTensors::find(file, config, layer), config, dtype));
    }
    return weights;
}

} // namespace headkv
