// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/Model.h"

#include "core/base/MappedFile.h"
#include "core/base/Memory.h"
#include "core/base/Sha256.h"
#include "core/checkpoint/Checkpoint.h"
#include "core/cuda/CudaRuntime.h"
#include "core/device/DeviceMemory.h"
#include "core/model/DeviceWeights.h"
#include "core/model/Placement.h"
#include "core/model/WeightLoader.h"
#include "core/text/ChatFormat.h"
#include "core/text/Tokenizer.h"

#include <ATen/Parallel.h>
#include <utility>

namespace headkv {

struct Model::Impl
{
    ModelInfo info;
    ModelConfig config;
    std::unique_ptr<Tokenizer> tokenizer;
    std::string tokenizerProblem; ///< why there is none
    Placement placement;
    std::unique_ptr<Weights> weights;
    DeviceWeights deviceWeights;                          ///< not on the host
    std::vector<std::shared_ptr<const MappedFile>> files; ///< that weights may share

    /// A model runs on ids without a tokenizer, so what is wrong with one is told where it is asked for.
    void readTokenizer(const Checkpoint &checkpoint)
    try {
        auto vocabulary = checkpoint.vocabulary();
        if (!vocabulary) {
            tokenizerProblem = "the model comes without one";
            return;
        }
        if (config.vocabularySize == 0)
            info.vocabularySize = static_cast<int>(vocabulary->tokens.size());
        info.chatTemplate = vocabulary->chatTemplate;
        info.chatFormat = ChatFormat::fromVocabulary(*vocabulary);
        tokenizer = std::make_unique<Tokenizer>(std::move(*vocabulary));
    } catch (const Error &error) {
        tokenizerProblem = error.what();
    }

    /// Layer by layer, so that the host never holds the whole model.
    void loadToDevices(const Checkpoint &checkpoint, at::ScalarType dtype, const JobControl &control)
    {
        if (placement.devices.front().is_cuda())
            cuda::loadLibraries();
        const auto device = [this](int layer) { return placement.deviceOf(layer, config.layers); };
        weights = loadWeights(checkpoint, dtype, WeightForm::Dense, control, [&](const LayerWeights &layer) {
            deviceWeights.layers.push_back(toDevice(layer, device(static_cast<int>(deviceWeights.layers.size()))));
        });
        const at::Device last = device(config.layers - 1);
        deviceWeights.outputNorm = weights->outputNorm.to(last, at::kFloat, false, true);
        deviceWeights.output = toDevice(std::exchange(weights->output, {}), last);
        weights->bytes = bytesOf(deviceWeights);
    }
};

namespace {

/// bfloat16 pays only where the CPU multiplies it: elsewhere LibTorch's products are many times slower than in float32.
at::ScalarType resolveDType(DType dtype, const Placement &placement)
{
    switch (dtype) {
    case DType::BFloat16:
        return at::kBFloat16;
    case DType::Float16:
        if (placement.isHost())
            throw Error(ErrorKind::Usage, "--dtype float16 is for CUDA; on the CPU use bfloat16 or float32");
        return at::kHalf;
    case DType::Float32:
        return at::kFloat;
    case DType::Auto:
        break;
    }
    if (!placement.isHost())
        return placement.devices.front().is_cpu() ? at::kFloat : at::kBFloat16;
    return __builtin_cpu_supports("avx512bf16") ? at::kBFloat16 : at::kFloat;
}

/// An accelerator has one type for all of it; the host keeps bfloat16 unless float32 was asked for.
ElementType cacheType(at::ScalarType dtype, DType asked, const Placement &placement)
{
    if (placement.isHost())
        return asked == DType::Float32 ? ElementType::Float32 : ElementType::BFloat16;
    return dtype == at::kFloat  ? ElementType::Float32
           : dtype == at::kHalf ? ElementType::Float16
                                : ElementType::BFloat16;
}

ModelInfo describe(const Checkpoint &checkpoint, at::ScalarType dtype, ElementType cacheType)
{
    const ModelConfig &config = checkpoint.config();
    ModelInfo info;
    info.name = checkpoint.name();
    info.path = checkpoint.path().string();
    info.architecture = config.architecture;
    info.layers = config.layers;
    info.queryHeads = config.queryHeads;
    info.kvHeads = config.kvHeads;
    info.headDim = config.headDim;
    info.contextLength = config.contextLength;
    info.vocabularySize = config.vocabularySize;
    for (const StoredTensor &tensor : checkpoint.tensors().all())
        info.parameters += static_cast<std::int64_t>(tensor.elements());
    for (const auto &file : checkpoint.files())
        info.fileBytes += file->bytes().size();
    info.dtype = dtypeName(dtype);
    info.weights = "dense";
    info.cacheType = cacheType;
    info.kvBytesPerToken = std::uint64_t{2} * config.layers * config.kvHeads * config.headDim * bytesOf(cacheType);
    return info;
}

} // namespace

Model::Model()
    : m_impl(std::make_unique<Impl>())
{}
Model::~Model() = default;

std::shared_ptr<const Model> Model::load(const std::filesystem::path &path, const ModelOptions &options,
                                         const JobControl &control)
{
    const std::unique_ptr<Checkpoint> checkpoint = Checkpoint::open(path, options.vocabularyOnly);
    const Placement placement = options.vocabularyOnly ? Placement() : placementOf(options.device);
    if (!placement.isHost() && options.weights == WeightForm::Int4)
        throw Error(ErrorKind::Usage,
                    "--weights int4 is for the CPU; with --device " + placement.name + " leave it out");
    const at::ScalarType dtype = resolveDType(options.dtype, placement);
    if (options.threads > 0)
        at::set_num_threads(options.threads);

    const std::shared_ptr<Model> model(new Model);
    Impl &impl = *model->m_impl;
    impl.config = checkpoint->config();
    impl.placement = placement;
    impl.info = describe(*checkpoint, dtype, cacheType(dtype, options.dtype, placement));
    impl.info.device = placement.name;
    impl.readTokenizer(*checkpoint);
    if (options.vocabularyOnly)
        return model;
    if (!checkpoint->tensors().all().empty()) {
        const WeightForm form = options.dtype == DType::Float32 ? WeightForm::Dense : options.weights;
        if (placement.isHost())
            impl.weights = loadWeights(*checkpoint, dtype, form, control);
        else
            onDevices(*model, [&] { impl.loadToDevices(*checkpoint, dtype, control); });
        impl.info.weightBytes = impl.weights->bytes;
        impl.info.weights = impl.weights->quantized ? "int4" : "dense";
    }
    impl.info.sha256 = sha256(checkpoint->files(), control);
    impl.files = checkpoint->files();
    model->requireIntact();
    return model;
}

void Model::requireIntact() const
{
    for (const auto &file : m_impl->files) {
        if (!file->isIntact())
            throw Error(ErrorKind::Input, file->path().string() + ": the file was cut short while it was in use; "
                                                                  "restore it and load the model again");
    }
}

const ModelInfo &Model::info() const noexcept { return m_impl->info; }

const ModelConfig &Model::config() const noexcept { return m_impl->config; }

bool Model::hasTokenizer() const noexcept { return m_impl->tokenizer != nullptr; }

const Tokenizer &Model::tokenizer() const
{
    if (!m_impl->tokenizer)
        throw Error(ErrorKind::Input, m_impl->info.path + ": no tokenizer: " + m_impl->tokenizerProblem +
                                          "; give token ids instead of text");
    return *m_impl->tokenizer;
}

const ChatFormat &Model::chatFormat() const noexcept { return m_impl->info.chatFormat; }

const Weights &Model::weights() const
{
    if (!m_impl->weights)
        throw Error(ErrorKind::Input,
                    m_impl->info.path + ": the file holds a vocabulary only, no weights to run; name a whole model");
    return *m_impl->weights;
}

const Placement &Model::placement() const noexcept { return m_impl->placement; }

const DeviceWeights &Model::deviceWeights() const
{
    (void)weights();
    return m_impl->deviceWeights;
}

std::uint64_t Model::availableBytes() const
{
    return m_impl->placement.isHost() ? availableMemoryBytes() : freeDeviceBytes(*this);
}

void Model::requireCache(std::uint64_t bytes, const std::string &what, const std::string &advice) const
{
    if (m_impl->placement.isHost()) {
        requireMemory(bytes, what, advice);
        return;
    }
    const std::uint64_t available = availableBytes();
    if (available > 0 && bytes > available)
        throw Error(ErrorKind::Memory, what + " needs " + gibibytes(bytes) + " of memory on " + m_impl->placement.name +
                                           ", " + gibibytes(available) + " are available; " + advice);
}

} // namespace headkv
