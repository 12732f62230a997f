// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cuda/CudaKernels.h"
#include "core/cuda/DecodeLaunch.h"
#include "core/cuda/Device.cuh"

namespace headkv::cuda {

namespace {

bool isShape(int multiprocessors, int lists, int heads, int dim)
{
    const bool hasDim = dim == 64 || dim == 80 || dim == 96 || dim == 112 || dim == 128 || dim == 192 || dim == 256;
    return hasDim && multiprocessors > 0 && lists > 0 && lists <= WorkSplit::mostLists && heads > 0 &&
           heads % lists == 0;
}

template <int Dim>
Status launch(Type type, const DecodePlan &plan, const DecodeParameters &parameters, Stream stream)
{
    if (type == Type::BFloat16)
        return DecodeLaunch<Dim>::template launch<BFloat16>(plan, parameters, stream);
    return DecodeLaunch<Dim>::template launch<Float16>(plan, parameters, stream);
}

} // namespace

std::size_t decodeWorkspaceBytes(int multiprocessors, int lists, int heads, int dim)
{
    return isShape(multiprocessors, lists, heads, dim) ? DecodePlan(multiprocessors, lists, heads, dim).bytes : 0;
}

Status prepareDecode(void *workspace, int multiprocessors, int lists, int heads, int dim, Stream stream)
{
    if (workspace == nullptr || !isShape(multiprocessors, lists, heads, dim))
        return cudaErrorInvalidValue;
    const DecodePlan plan(multiprocessors, lists, heads, dim);
    return cudaMemsetAsync(static_cast<char *>(workspace) + plan.countersAt, 0, plan.bytes - plan.countersAt, stream);
}

Status decodeAttention(const DecodeArguments &arguments, int multiprocessors, Stream stream)
{
    const Lists &lists = arguments.lists;
    if (arguments.workspace == nullptr || lists.type == Type::Float32 ||
        !isShape(multiprocessors, lists.count, arguments.heads, lists.dim))
        return cudaErrorInvalidValue;
    const DecodePlan plan(multiprocessors, lists.count, arguments.heads, lists.dim);
    auto *workspace = static_cast<char *>(arguments.workspace);
    const DecodeParameters parameters{lists.keys,
                                      lists.values,
                                      arguments.queries,
                                      arguments.output,
                                      lists.offsets,
                                      lists.lengths,
                                      arguments.begins,
                                      arguments.compensated,
                                      static_cast<int>(arguments.activations),
                                      lists.count,
                                      arguments.heads / lists.count,
                                      plan.tiles,
                                      arguments.scale,
                                      arguments.softcap,
                                      reinterpret_cast<float *>(workspace),
                                      reinterpret_cast<SoftmaxSum *>(workspace + plan.softmaxAt),
                                      reinterpret_cast<int *>(workspace + plan.countersAt)};
    switch (lists.dim) {
    case 64:
        return launch<64>(lists.type, plan, parameters, stream);
    case 80:
        return launch<80>(lists.type, plan, parameters, stream);
    case 96:
        return launch<96>(lists.type, plan, parameters, stream);
    case 112:
        return launch<112>(lists.type, plan, parameters, stream);
    case 128:
        return launch<128>(lists.type, plan, parameters, stream);
    case 192:
        return launch<192>(lists.type, plan, parameters, stream);
    default:
        return launch<256>(lists.type, plan, parameters, stream);
    }
}

} // namespace headkv::cuda
