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
#include <algorithm>
#include <atomic>
#include <c10/core/InferenceMode.h>
#include <cmath>

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
                continue;
            }
            dequantizeRow(*part.tensor, fileRow, scratch);
            if (out.scalar_type() == at::kHalf)
                std::copy(scratch.begin(), scratch.end(), out.mutable_data_ptr<at::Half>() + target);
            else
                std::copy(scratch.begin(), scratch.end(), out.mutable_data_ptr<at::BFloat16>() + target);
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
    const TensorType wanted = dtype == at::kFloat  ? TensorType::F32
                              : dtype == at::kHalf ? TensorType::F16
                                                   : TensorType::BF16;
    const auto address = reinterpret_cast<std::uintptr_t>(bytesOf(part).data());
    return part.tensor->type == wanted && part.pairedHeadDim == 0 && address % at::elementSize(dtype) == 0;
}

/// Whether no number, as a whole one, has all bits of its exponent.
template <typename Bits>
bool areFinite(const at::Tensor &weights, Bits exponent)
{
    const auto *bits = static_cast<const Bits *>(weights.const_data_ptr());
    std::atomic<bool> all = true;
    at::parallel_for(0, weights.numel(), 1 << 16, [&](std::int64_t begin, std::int64_t end) {
        Bits greatest = 0;
        for (std::int64_t i = begin; i < end; ++i)
            greatest = std::max(greatest, static_cast<Bits>(bits[i] & exponent));
        if (greatest == exponent)
            all = false;
    });
    return all;
}

bool areFinite(const at::Tensor &weights)
{
    if (weights.scalar_type() == at::kFloat)
        return areFinite<std::int32_t>(weights, 0x7f800000);
    return areFinite<std::int16_t>(weights, weights.scalar_type() == at::kHalf ? 0x7c00 : 0x7f80);
}

/// What is not finite would spread through all that is computed or, worse, be lost on the way: a comparison with it is
/// false.
void requireFinite(bool isFinite, const TensorPart &part, const Checkpoint &checkpoint)
{
    if (!isFinite)
        checkpoint.fail("tensor " + checkpoint.storedName(part.tensor->name).substr(0, 80) +
                        " has values that are no finite numbers; the file is damaged, or --dtype too narrow for it");
}

at::Tensor loadPart(const TensorPart &part, at::ScalarType dtype, const Checkpoint &checkpoint)
{
    if (!part.tensor)
        return {};
    at::Tensor out;
    if (isShareable(part, dtype)) {
        void *data = const_cast<std::byte *>(bytesOf(part).data()); // never written: weights are constants
        out = at::from_blob(
            data, shapeOf(part), [file = part.tensor->file](void *) {}, dtype);
    } else {
        out = at::empty(shapeOf(part), dtype);
        copyRows(part, out);
        part.tensor->file->release(bytesOf(part));
    }
    requireFinite(areFinite(out), part, checkpoint);
    return out;
}

at::Tensor loadNorm(const TensorPart &part, const Checkpoint &checkpoint)
{
    const at::Tensor norm = loadPart(part, at::kFloat, checkpoint);
    const double offset = checkpoint.config().normOffset;
    return norm.defined() && offset != 0 ? norm + offset : norm;
}

std::uint64_t elementsOf(const TensorPart &part) { return static_cast<std::uint64_t>(part.rows * columnsOf(part)); }

std::shared_ptr<const QuantizedMatrix> quantize(const TensorPart &part, QuantizedMatrix::Bits bits,
                                                const Checkpoint &checkpoint)
{
    const std::int64_t columns = columnsOf(part);
    auto matrix = std::make_shared<QuantizedMatrix>(bits, part.rows, columns);
    const bool exact = QuantizedMatrix::isExact(part.tensor->type, bits);
    const std::span<const std::byte> bytes = bytesOf(part);
    // Tiles are written by one thread each: rows of a tile may come from anywhere, so threads share out the targets.
    at::parallel_for(0, matrix->tiles(), 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> row(exact ? 0 : static_cast<std::size_t>(columns));
        for (std::int64_t fileRow = 0; fileRow < part.rows; ++fileRow) {
            const std::int64_t target = memoryRow(part, fileRow);
            if (target < begin * tileColumns || target >= end * tileColumns)
                continue;
            if (exact) {
                const auto stored = bytes.subspan(fileRow * rowBytes(part), rowBytes(part));
                requireFinite(matrix->setStored(target, stored, part.tensor->type), part, checkpoint);
            } else {
                dequantizeRow(*part.tensor, static_cast<std::uint64_t>(part.firstRow + fileRow), row);
                requireFinite(std::ranges::all_of(row, [](float weight) { return std::isfinite(weight); }), part,
                              checkpoint);
                matrix->setRounded(target, row);
            }
        }
    });
    part.tensor->file->release(bytes);
    return matrix;
}

/// In which form each linear layer is held.
class Forms
{
public:
    Forms(const Checkpoint &checkpoint, const TensorLayout &layout, at::ScalarType dtype, WeightForm form)
        : m_checkpoint(checkpoint)
        , m_dtype(dtype)
        , m_form(form)
        , m_output(layout.output.weight.tensor ? layout.output : LinearParts{layout.embedding, {}})
    {
        for (const LayerParts &layer : layout.layers)
            for (const LinearParts *linear : layer.linears())
                m_anyInt4 = m_anyInt4 || bitsOf(*linear).has_value();
    }

    [[nodiscard]] at::ScalarType dtype() const { return m_dtype; }
    [[nodiscard]] const LinearParts &output() const { return m_output; }
    [[nodiscard]] bool anyInt4() const { return m_anyInt4; }

    /// Nothing: dense.
    [[nodiscard]] std::optional<QuantizedMatrix::Bits> bitsOf(const LinearParts &linear) const
    {
        using Bits = QuantizedMatrix::Bits;
        const TensorPart &weight = linear.weight;
        if (!weight.tensor || m_form == WeightForm::Dense || !QuantizedMatrix::fits(columnsOf(weight)))
            return std::nullopt;
        const bool exact = QuantizedMatrix::isExact(weight.tensor->type, Bits::Four);
        if (&linear == &m_output && m_anyInt4) // four bits cost most there
            return exact ? Bits::Four : Bits::Eight;
        return exact || m_form == WeightForm::Int4 ? std::optional(Bits::Four) : std::nullopt;
    }

    [[nodiscard]] Linear load(const LinearParts &parts) const
    {
        Linear linear;
        linear.bias = loadPart(parts.bias, at::kFloat, m_checkpoint);
        if (const auto bits = bitsOf(parts))
            linear.quantized = quantize(parts.weight, *bits, m_checkpoint);
        else
            linear.weight = loadPart(parts.weight, m_dtype, m_checkpoint);
        return linear;
    }

    struct Bytes
    {
        std::uint64_t held = 0;
        std::uint64_t allocated = 0; ///< of those; the others stay shared with their file
    };

    [[nodiscard]] Bytes bytesOf(const LinearParts &parts) const
    {
        Bytes bytes = bytesOf(parts.bias, at::kFloat);
        if (const auto bits = bitsOf(parts)) {
            const std::uint64_t weight = QuantizedMatrix::bytes(*bits, parts.weight.rows, columnsOf(parts.weight));
            return {bytes.held + weight, bytes.allocated + weight};
        }
        const Bytes weight = bytesOf(parts.weight, m_dtype);
        return {bytes.held + weight.held, bytes.allocated + weight.allocated};
    }

    [[nodiscard]] static Bytes bytesOf(const TensorPart &part, at::ScalarType dtype)
    {
        if (!part.tensor)
            return {};
        const std::uint64_t bytes = elementsOf(part) * at::elementSize(dtype);
        return {bytes, isShareable(part, dtype) ? 0 : bytes};
    }

private:
    const Checkpoint &m_checkpoint;
    at::ScalarType m_dtype;
    WeightForm m_form;
    LinearParts m_output;
    bool m_anyInt4 = false;
};

LayerWeights loadLayer(const LayerParts &parts, const Checkpoint &checkpoint, const Forms &forms)
{
    LayerWeights layer;
    layer.attentionNorm = loadNorm(parts.attentionNorm, checkpoint);
    layer.query = forms.load(parts.query);
    layer.key = forms.load(parts.key);
    layer.value = forms.load(parts.value);
    layer.queryNorm = loadNorm(parts.queryNorm, checkpoint);
    layer.keyNorm = loadNorm(parts.keyNorm, checkpoint);
    layer.attentionOutput = forms.load(parts.attentionOutput);
    layer.postAttentionNorm = loadNorm(parts.postAttentionNorm, checkpoint);
    layer.feedForwardNorm = loadNorm(parts.feedForwardNorm, checkpoint);
    layer.gate = forms.load(parts.gate);
    layer.up = forms.load(parts.up);
    layer.down = forms.load(parts.down);
    layer.postFeedForwardNorm = loadNorm(parts.postFeedForwardNorm, checkpoint);
    return layer;
}

/// What is allocated at once is a layer where layers are handed on, else all.
Forms::Bytes bytesOf(const TensorLayout &layout, const Forms &forms, bool handedOn)
{
    const auto add = [](Forms::Bytes &sum, const Forms::Bytes &bytes) {
        sum.held += bytes.held;
        sum.allocated += bytes.allocated;
    };
    Forms::Bytes sum, largest;
    add(sum, Forms::bytesOf(layout.outputNorm, at::kFloat));
    add(sum, forms.bytesOf(forms.output()));
    for (const LayerParts &layer : layout.layers) {
        Forms::Bytes bytes;
        for (const LinearParts *linear : layer.linears())
            add(bytes, forms.bytesOf(*linear));
        for (const TensorPart *norm : layer.norms())
            add(bytes, Forms::bytesOf(*norm, at::kFloat));
        largest.allocated = std::max(largest.allocated, bytes.allocated);
        add(sum, handedOn ? Forms::Bytes{bytes.held, 0} : bytes);
    }
    add(sum, handedOn ? largest : Forms::Bytes{});
    return sum;
}

/// Pages of a layer that was handed on are not read again.
void release(const LayerParts &layer)
{
    for (const LinearParts *linear : layer.linears())
        linear->weight.tensor->file->release(bytesOf(linear->weight));
}

/// Embeddings are read one row a token, so they stay in the file.
std::function<void(std::int64_t, float *)> embedder(const TensorPart &part)
{
    return [tensor = *part.tensor, first = part.firstRow](std::int64_t token, float *row) {
        dequantizeRow(tensor, static_cast<std::uint64_t>(first + token), {row, tensor.shape.back()});
    };
}

} // namespace

const char *dtypeName(at::ScalarType dtype)
{
    return dtype == at::kFloat ? "float32" : dtype == at::kHalf ? "float16" : "bfloat16";
}

std::unique_ptr<Weights> loadWeights(const Checkpoint &checkpoint, at::ScalarType dtype, WeightForm form,
                                     const JobControl &control, const LayerSink &sink)
{
    const c10::InferenceMode guard;
    const ModelConfig &config = checkpoint.config();
    const TensorLayout layout = findTensors(checkpoint);
    const Forms forms(checkpoint, layout, dtype, form);
    const Forms::Bytes bytes = bytesOf(layout, forms, static_cast<bool>(sink));
    requireMemory(bytes.allocated,
                  checkpoint.path().string() + ": loading in " + (forms.anyInt4() ? "int4" : dtypeName(dtype)),
                  "close other programs or choose a smaller model");
    auto weights = std::make_unique<Weights>();
    const std::string stage =
        "Loading weights, " + gibibytes(sink ? bytes.held : bytes.allocated) + (sink ? " to the device" : " of memory");
    const auto step = [&](int done) {
        control.cancellation.throwIfCancelled();
        control.report({stage, static_cast<double>(done), config.layers + 1.0, "layers"});
    };
    step(0);
    weights->bytes = bytes.held;
    weights->quantized = forms.anyInt4();
    weights->embed = embedder(layout.embedding);
    weights->outputNorm = loadNorm(layout.outputNorm, checkpoint);
    weights->output = forms.load(forms.output());
    int done = 0;
    for (const LayerParts &layer : layout.layers) {
        step(++done);
        LayerWeights loaded = loadLayer(layer, checkpoint, forms);
        if (sink) {
            sink(loaded);
            loaded = {};
            release(layer);
        } else {
            weights->layers.push_back(std::move(loaded));
        }
    }
    return weights;
}

} // namespace headkv
