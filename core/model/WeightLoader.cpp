// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/WeightLoader.h"

#include "core/base/Memory.h"
#include "core/checkpoint/Checkpoint.h"
#include "core/checkpoint/Dequantize.h"
#include "core/model/TensorLayout.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>

namespace headkv {

namespace {

/// Where a row of the file goes in memory: files with adjacent pairs store a head's rotary pairs as (2i, 2i + 1); in
/// memory they are (i, i + R/2), R the rotated dimensions. Others stay in their place.
std::int64_t memoryRow(const TensorPart &part, std::int64_t fileRow)
{
    if (part.pairedHeadDim == 0)
        return fileRow;
    const std::int64_t i = fileRow % part.pairedHeadDim;
    return i >= part.pairedDims ? fileRow : fileRow - i + i / 2 + (i % 2) * (part.pairedDims / 2);
}

std::int64_t columnsOf(const TensorPart &part)
{
    return part.tensor->shape.size() == 1 ? 1 : static_cast<std::int64_t>(part.tensor->shape.back());
}

std::vector<std::int64_t> shapeOf(const TensorPart &part)
{
    if (part.tensor->shape.size() == 1)
        return {part.rows};
    return {part.rows, columnsOf(part)};
}

/// Dequantises the rows of a part into `out`, which has its shape.
void copyRows(const TensorPart &part, at::Tensor &out)
{
    const std::int64_t columns = columnsOf(part);
    const std::int64_t grain = std::max<std::int64_t>(1, 65536 / columns);
    at::parallel_for(0, part.rows, grain, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> scratch(static_cast<std::size_t>(columns));
        for (std::int64_t row = begin; row < end; ++row) {
            const auto fileRow = static_cast<std::uint64_t>(part.firstRow + row);
            const std::int64_t target = memoryRow(part, row) * columns;
            if (out.scalar_type() == at::kFloat) {
                dequantizeRow(*part.tensor, fileRow, {out.mutable_data_ptr<float>() + target, scratch.size()});
            } else {
                dequantizeRow(*part.tensor, fileRow, scratch);
                std::copy(scratch.begin(), scratch.end(), out.mutable_data_ptr<at::BFloat16>() + target);
            }
        }
    });
}

std::uint64_t rowBytes(const TensorPart &part) { return part.tensor->data.size() / part.tensor->shape.front(); }

std::span<const std::byte> bytesOf(const TensorPart &part)
{
    const std::uint64_t row = rowBytes(part);
    return part.tensor->data.subspan(static_cast<std::uint64_t>(part.firstRow) * row,
                                     static_cast<std::uint64_t>(part.rows) * row);
}

/// Whether the file's bytes are the tensor as it is wanted.
bool isShareable(const TensorPart &part, at::ScalarType dtype)
{
    const TensorType wanted = dtype == at::kFloat ? TensorType::F32 : TensorType::BF16;
    const auto address = reinterpret_cast<std::uintptr_t>(bytesOf(part).data());
    return part.tensor->type == wanted && part.pairedHeadDim == 0 && address % at::elementSize(dtype) == 0;
}

at::Tensor loadPart(const TensorPart &part, at::ScalarType dtype)
{
    if (!part.tensor)
        return {};
    if (isShareable(part, dtype)) {
        void *data = const_cast<std::byte *>(bytesOf(part).data()); // never written: weights are constants
        return at::from_blob(
            data, shapeOf(part), [file = part.tensor->file](void *) {}, dtype);
    }
    at::Tensor out = at::empty(shapeOf(part), dtype);
    copyRows(part, out);
    part.tensor->file->release(bytesOf(part));
    return out;
}

at::Tensor loadNorm(const TensorPart &part, double offset)
{
    const at::Tensor norm = loadPart(part, at::kFloat);
    return norm.defined() && offset != 0 ? norm + offset : norm;
}

Linear loadLinear(const LinearParts &parts, at::ScalarType dtype)
{
    return {loadPart(parts.weight, dtype), loadPart(parts.bias, dtype)};
}

LayerWeights loadLayer(const LayerParts &parts, double normOffset, at::ScalarType dtype)
{
    LayerWeights layer;
    layer.attentionNorm = loadNorm(parts.attentionNorm, normOffset);
    layer.query = loadLinear(parts.query, dtype);
    layer.key = loadLinear(parts.key, dtype);
    layer.value = loadLinear(parts.value, dtype);
    layer.queryNorm = loadNorm(parts.queryNorm, normOffset);
    layer.keyNorm = loadNorm(parts.keyNorm, normOffset);
    layer.attentionOutput = loadLinear(parts.attentionOutput, dtype);
    layer.postAttentionNorm = loadNorm(parts.postAttentionNorm, normOffset);
    layer.feedForwardNorm = loadNorm(parts.feedForwardNorm, normOffset);
    layer.gate = loadLinear(parts.gate, dtype);
    layer.up = loadLinear(parts.up, dtype);
    layer.down = loadLinear(parts.down, dtype);
    layer.postFeedForwardNorm = loadNorm(parts.postFeedForwardNorm, normOffset);
    return layer;
}

std::uint64_t elementsOf(const TensorPart &part) { return static_cast<std::uint64_t>(part.rows * columnsOf(part)); }

/// Calls visit(part, dtype) for each tensor of a model once.
template <typename Visit>
void visitParts(const TensorLayout &layout, at::ScalarType dtype, Visit visit)
{
    const auto one = [&](const TensorPart &part, at::ScalarType type) {
        if (part.tensor)
            visit(part, type);
    };
    one(layout.embedding, dtype);
    one(layout.outputNorm, at::kFloat);
    one(layout.output.weight, dtype);
    one(layout.output.bias, dtype);
    for (const LayerParts &layer : layout.layers) {
        for (const LinearParts *linear : layer.linears()) {
            one(linear->weight, dtype);
            one(linear->bias, dtype);
        }
        for (const TensorPart *norm : layer.norms())
            one(*norm, at::kFloat);
    }
}

/// Bytes that loading will allocate: tensors that stay shared with their file take none.
std::uint64_t allocatedBytes(const TensorLayout &layout, at::ScalarType dtype)
{
    std::uint64_t bytes = 0;
    visitParts(layout, dtype, [&](const TensorPart &part, at::ScalarType type) {
        bytes += isShareable(part, type) ? 0 : elementsOf(part) * at::elementSize(type);
    });
    return bytes;
}

} // namespace

const char *dtypeName(at::ScalarType dtype) { return dtype == at::kFloat ? "float32" : "bfloat16"; }

std::unique_ptr<Weights> loadWeights(const Checkpoint &checkpoint, at::ScalarType dtype, const JobControl &control)
{
    const c10::InferenceMode guard;
    const ModelConfig &config = checkpoint.config();
    const TensorLayout layout = findTensors(checkpoint);
    const std::uint64_t needed = allocatedBytes(layout, dtype);
    requireMemory(needed, checkpoint.path().string() + ": loading in " + dtypeName(dtype),
                  "close other programs or choose a smaller model");
    auto weights = std::make_unique<Weights>();
    const std::string stage = "Loading weights, " + gibibytes(needed) + " of memory";
    const auto step = [&](int done) {
        control.cancellation.throwIfCancelled();
        control.report({stage, static_cast<double>(done), config.layers + 1.0, "layers"});
    };
    step(0);
    weights->embedding = loadPart(layout.embedding, dtype);
    weights->outputNorm = loadNorm(layout.outputNorm, config.normOffset);
    weights->output = loadLinear(layout.output, dtype);
    if (!weights->output.weight.defined())
        weights->output.weight = weights->embedding;
    for (const LayerParts &layer : layout.layers) {
        step(static_cast<int>(weights->layers.size()) + 1);
        weights->layers.push_back(loadLayer(layer, config.normOffset, dtype));
    }
    visitParts(layout, dtype, [&](const TensorPart &part, at::ScalarType type) {
        weights->bytes += elementsOf(part) * at::elementSize(type);
    });
    return weights;
}

} // namespace headkv
