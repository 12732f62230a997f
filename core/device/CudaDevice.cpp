// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/CudaDevice.h"

#include "core/attention/AttentionRule.h"
#include "core/base/Error.h"
#include "core/cache/KvCache.h"
#include "core/cache/RaggedLayer.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <algorithm>
#include <c10/core/DeviceGuard.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <string>

namespace headkv {

namespace {

void check(cuda::Status status, const char *what)
{
    if (status != 0)
        throw Error(ErrorKind::Failed, std::string("the CUDA device refused ") + what + " (error " +
                                           std::to_string(status) + "); use --device cpu, and report this");
}

cuda::Lists listsOf(const RaggedLayer &layer, RaggedIndex &index, cuda::Type type)
{
    cuda::Lists lists;
    lists.keys = layer.keys().data_ptr();
    lists.values = layer.values().data_ptr();
    lists.positions = index.positions.mutable_data_ptr<std::int32_t>();
    lists.type = type;
    lists.dim = static_cast<int>(layer.keys().size(1));
    lists.count = static_cast<int>(layer.lists());
    lists.offsets = index.offsets.const_data_ptr<std::int64_t>();
    lists.lengths = index.lengths.mutable_data_ptr<std::int32_t>();
    return lists;
}

} // namespace

bool CudaDevice::fits(const AttentionShape &shape, at::ScalarType type)
{
    return (type == at::kBFloat16 || type == at::kHalf) && // scores need multiples of 16, which these are
           cuda::decodeWorkspaceBytes(1, static_cast<int>(shape.kvHeads), static_cast<int>(shape.queryHeads),
                                      static_cast<int>(shape.dim)) > 0 &&
           cuda::decodeWorkspaceBytes(1, static_cast<int>(shape.queryHeads), static_cast<int>(shape.queryHeads),
                                      static_cast<int>(shape.dim)) > 0;
}

CudaDevice::CudaDevice(const AttentionShape &shape, at::Device device, at::ScalarType type, int multiprocessors)
    : TensorDevice(shape, device, type)
    , m_multiprocessors(multiprocessors)
{}

cuda::Type CudaDevice::type() const
{
    return stored().dtype() == at::kHalf ? cuda::Type::Float16 : cuda::Type::BFloat16;
}

at::Tensor CudaDevice::bytes(std::size_t count) const
{
    return at::empty({static_cast<std::int64_t>(count)}, stored().dtype(at::kByte));
}

at::Tensor CudaDevice::onDevice(const std::vector<std::int32_t> &values) const
{
    return at::tensor(values, at::kInt).to(stored().device());
}

cuda::Stream CudaDevice::stream() const
{
    const at::Device device = stored().device();
    if (device.is_cpu()) // the emulation
        return nullptr;
    return static_cast<cuda::Stream>(c10::impl::VirtualGuardImpl(device.type()).getStream(device).native_handle());
}

void *CudaDevice::workspace(int lists)
{
    at::Tensor &space = m_workspaces[lists];
    if (!space.defined()) {
        const auto heads = static_cast<int>(shape().queryHeads), dim = static_cast<int>(shape().dim);
        space = bytes(cuda::decodeWorkspaceBytes(m_multiprocessors, lists, heads, dim));
        check(cuda::prepareDecode(space.mutable_data_ptr(), m_multiprocessors, lists, heads, dim, stream()),
              "a workspace for attention");
    }
    return space.mutable_data_ptr();
}

std::uint64_t CudaDevice::prepareToken(RaggedLayer &layer, std::int64_t position)
{
    const c10::DeviceGuard guard(stored().device());
    layer.makeRoom(1);
    if (!m_position.defined())
        m_position = at::empty({1}, stored().dtype(at::kInt));
    if (position != m_positionThere)
        m_position.fill_(position);
    m_positionThere = position;
    return layer.index().number;
}

void CudaDevice::enqueueToken(const AttentionInputs &token, RaggedLayer &layer, const AttentionRule &rule, void *output)
{
    const c10::DeviceGuard guard(stored().device());
    RaggedIndex &index = layer.index();
    const auto *position = m_position.const_data_ptr<std::int32_t>();
    cuda::DecodeArguments arguments;
    arguments.lists = listsOf(layer, index, type());
    check(cuda::appendToken(arguments.lists, token.keys, token.values, static_cast<int>(shape().kvHeads), position,
                            nullptr, stream()),
          "to append a token");
    if (rule.window > 0) {
        if (!m_begins.defined())
            m_begins = at::empty({shape().queryHeads}, stored().dtype(at::kInt));
        check(cuda::findWindowBegins(arguments.lists, position, static_cast<int>(rule.window),
                                     m_begins.mutable_data_ptr<std::int32_t>(), stream()),
              "to find a window");
        arguments.begins = m_begins.const_data_ptr<std::int32_t>();
    }
    arguments.queries = token.queries;
    arguments.output = output;
    arguments.activations = type();
    arguments.heads = static_cast<int>(shape().queryHeads);
    if (index.compensated.defined())
        arguments.compensated = index.compensated.const_data_ptr<std::int32_t>();
    arguments.scale = static_cast<float>(rule.scale);
    arguments.softcap = static_cast<float>(rule.softcap);
    arguments.workspace = workspace(arguments.lists.count);
    check(cuda::decodeAttention(arguments, m_multiprocessors, stream()), "attention");
}

void CudaDevice::appendAndAttend(const AttentionInputs &token, RaggedLayer &layer, std::int64_t position,
                                 const AttentionRule &rule, void *output, Probabilities *probabilities)
{
    prepareToken(layer, position);
    enqueueToken(token, layer, rule, output);
    layer.noteToken(position);
    if (probabilities)
        *probabilities = probabilitiesOf(byHead(token.queries, 1, shape().queryHeads), layer, position, rule);
}

at::Tensor CudaDevice::windowScores(const at::Tensor &queries, const at::Tensor &keys, std::int64_t lists,
                                    const AttentionRule &rule, const CompressionSettings &settings)
{
    const c10::DeviceGuard guard(stored().device());
    const std::int64_t tokens = keys.size(1), window = queries.size(1), listsOfGroup = lists / keys.size(0);
    std::vector<std::int64_t> offsets;
    for (std::int64_t list = 0; list < lists; ++list)
        offsets.push_back(list / listsOfGroup * tokens);
    offsets.push_back(keys.size(0) * tokens);
    const at::Tensor there = at::tensor(offsets, at::kLong).to(stored().device());
    at::Tensor lengths =
        onDevice(std::vector<std::int32_t>(static_cast<std::size_t>(lists), static_cast<std::int32_t>(tokens)));
    const at::Tensor rows = queries.contiguous();
    cuda::WindowScoreArguments arguments;
    arguments.lists.keys = keys.data_ptr();
    arguments.lists.type = type();
    arguments.lists.dim = static_cast<int>(keys.size(2));
    arguments.lists.count = static_cast<int>(lists);
    arguments.lists.offsets = there.const_data_ptr<std::int64_t>();
    arguments.lists.lengths = lengths.mutable_data_ptr<std::int32_t>();
    arguments.queries = rows.const_data_ptr();
    arguments.activations = type();
    arguments.heads = static_cast<int>(queries.size(0));
    arguments.window = static_cast<int>(window);
    arguments.scale = static_cast<float>(rule.scale);
    arguments.softcap = static_cast<float>(rule.softcap);
    arguments.slidingWindow = static_cast<int>(rule.window);
    arguments.kernel = settings.kernel;
    arguments.average = settings.pooling == Pooling::Average;
    arguments.mostEntries = static_cast<int>(tokens);
    at::Tensor scores = at::empty({lists, tokens}, stored().dtype(at::kFloat));
    const std::size_t space = cuda::windowScoresWorkspaceBytes(arguments.lists.count, arguments.heads, arguments.window,
                                                               arguments.mostEntries);
    if (!m_scoreSpace.defined() || m_scoreSpace.nbytes() < space)
        m_scoreSpace = bytes(space);
    arguments.scores = scores.mutable_data_ptr<float>();
    arguments.workspace = m_scoreSpace.mutable_data_ptr();
    check(cuda::windowScores(arguments, stream()), "the window's scores");
    return scores;
}

std::optional<std::vector<KeptTokens>> CudaDevice::keepHighest(const at::Tensor &scores,
                                                               std::span<const std::int64_t> counts,
                                                               std::span<const std::int64_t> capacities,
                                                               std::int64_t window)
{
    const c10::DeviceGuard guard(stored().device());
    std::vector<std::int32_t> lengths, wanted;
    std::int64_t most = 0;
    for (std::size_t list = 0; list < counts.size(); ++list) {
        const std::int64_t count = std::min(capacities[list], std::max<std::int64_t>(0, counts[list] - window));
        lengths.push_back(static_cast<std::int32_t>(counts[list]));
        wanted.push_back(static_cast<std::int32_t>(count));
        most = std::max(most, count + std::min(window, counts[list]));
    }
    const auto lists = static_cast<int>(counts.size());
    const at::Tensor lengthsThere = onDevice(lengths), wantedThere = onDevice(wanted);
    at::Tensor indices = at::empty({lists, most}, stored().dtype(at::kInt)),
               sizes = at::empty({lists}, indices.options());
    check(cuda::keepHighest(scores.const_data_ptr<float>(), static_cast<int>(scores.stride(0)),
                            lengthsThere.const_data_ptr<std::int32_t>(), wantedThere.const_data_ptr<std::int32_t>(),
                            static_cast<int>(window), lists, indices.mutable_data_ptr<std::int32_t>(),
                            static_cast<int>(most), sizes.mutable_data_ptr<std::int32_t>(), stream()),
          "to choose tokens");
    const at::Tensor here = indices.cpu();
    std::vector<KeptTokens> all;
    for (std::size_t list = 0; list < counts.size(); ++list) {
        const std::int32_t *row = here.const_data_ptr<std::int32_t>() + static_cast<std::int64_t>(list) * most;
        all.emplace_back(row, row + wanted[list] + std::min(window, counts[list]));
    }
    return all;
}

} // namespace headkv
