// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/DeviceWeights.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <initializer_list>

namespace headkv {

namespace {

at::Tensor copyTo(const at::Tensor &tensor, at::Device device)
{
    // A copy in any case: what was loaded may lie in the file.
    return tensor.defined() ? tensor.to(tensor.options().device(device), false, true) : tensor;
}

/// Matrices with the same inputs, one below the other.
DeviceLinear join(std::initializer_list<const Linear *> parts, at::Device device)
{
    std::int64_t outputs = 0;
    bool hasBias = false;
    for (const Linear *part : parts) {
        outputs += part->outputs();
        hasBias = hasBias || part->bias.defined();
    }
    const at::TensorOptions options = (*parts.begin())->weight.options().device(device);
    DeviceLinear joined;
    joined.weight = at::empty({outputs, (*parts.begin())->inputs()}, options);
    if (hasBias)
        joined.bias = at::zeros({outputs}, options);
    std::int64_t row = 0;
    for (const Linear *part : parts) {
        joined.weight.narrow(0, row, part->outputs()).copy_(part->weight);
        if (part->bias.defined())
            joined.bias.narrow(0, row, part->outputs()).copy_(part->bias);
        row += part->outputs();
    }
    return joined;
}

} // namespace

at::Tensor DeviceLinear::operator()(const at::Tensor &rows) const
{
    return at::linear(rows, weight, bias.defined() ? std::optional(bias) : std::nullopt);
}

DeviceLinear toDevice(const Linear &linear, at::Device device) { return join({&linear}, device); }

DeviceLayer toDevice(const LayerWeights &layer, at::Device device)
{
    DeviceLayer there;
    there.attentionNorm = copyTo(layer.attentionNorm, device);
    there.queryNorm = copyTo(layer.queryNorm, device);
    there.keyNorm = copyTo(layer.keyNorm, device);
    there.postAttentionNorm = copyTo(layer.postAttentionNorm, device);
    there.feedForwardNorm = copyTo(layer.feedForwardNorm, device);
    there.postFeedForwardNorm = copyTo(layer.postFeedForwardNorm, device);
    there.queryKeyValue = join({&layer.query, &layer.key, &layer.value}, device);
    there.attentionOutput = toDevice(layer.attentionOutput, device);
    there.gateUp = join({&layer.gate, &layer.up}, device);
    there.down = toDevice(layer.down, device);
    return there;
}

std::uint64_t bytesOf(const DeviceWeights &weights)
{
    std::uint64_t bytes = 0;
    const auto add = [&bytes](std::initializer_list<const at::Tensor *> tensors) {
        for (const at::Tensor *tensor : tensors)
            bytes += tensor->defined() ? tensor->nbytes() : 0;
    };
    const auto addLinear = [&add](const DeviceLinear &linear) { add({&linear.weight, &linear.bias}); };
    for (const DeviceLayer &layer : weights.layers) {
        add({&layer.attentionNorm, &layer.queryNorm, &layer.keyNorm, &layer.postAttentionNorm, &layer.feedForwardNorm,
             &layer.postFeedForwardNorm});
        for (const DeviceLinear *linear : {&layer.queryKeyValue, &layer.attentionOutput, &layer.gateUp, &layer.down})
            addLinear(*linear);
    }
    add({&weights.outputNorm});
    addLinear(weights.output);
    return bytes;
}

} // namespace headkv
