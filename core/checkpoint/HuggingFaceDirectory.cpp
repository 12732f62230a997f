// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/HuggingFaceDirectory.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/checkpoint/HuggingFaceConfig.h"
#include "core/checkpoint/SafetensorsFile.h"
#include "core/text/SentencePieceModel.h"
#include "core/text/TokenizerJson.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

namespace headkv {

namespace {

using Json = nlohmann::json;
using NamePair = std::pair<std::string_view, std::string_view>;

constexpr std::size_t maxIndexBytes = std::size_t{4} << 20;

/// A model's own tensors, then a layer's: Hugging Face's name and GGUF's, without ".weight" or ".bias".
constexpr std::array<NamePair, 3> modelNames{
    {{"embed_tokens", "token_embd"}, {"norm", "output_norm"}, {"lm_head", "output"}}};
constexpr std::array<NamePair, 15> layerNames{{{"input_layernorm", "attn_norm"},
                                               {"self_attn.q_proj", "attn_q"},
                                               {"self_attn.k_proj", "attn_k"},
                                               {"self_attn.v_proj", "attn_v"},
                                               {"self_attn.qkv_proj", "attn_qkv"},
                                               {"self_attn.o_proj", "attn_output"},
                                               {"self_attn.q_norm", "attn_q_norm"},
                                               {"self_attn.k_norm", "attn_k_norm"},
                                               {"post_attention_layernorm", "ffn_norm"},
                                               {"pre_feedforward_layernorm", "ffn_norm"},
                                               {"post_feedforward_layernorm", "post_ffw_norm"},
                                               {"mlp.gate_proj", "ffn_gate"},
                                               {"mlp.up_proj", "ffn_up"},
                                               {"mlp.gate_up_proj", "ffn_up"},
                                               {"mlp.down_proj", "ffn_down"}}};

template <std::size_t N>
std::optional<std::string> lookUp(const std::array<NamePair, N> &names, std::string_view name)
{
    const auto *found = std::ranges::find(names, name, &NamePair::first);
    return found == names.end() || name.empty() ? std::nullopt : std::optional(std::string(found->second));
}

/// Buffers that old versions wrote and that follow from the configuration, and the parts of a model that see pictures.
bool isNoPartOfText(std::string_view name)
{
    if (name.starts_with("model."))
        name.remove_prefix(6);
    return name.ends_with("rotary_emb.inv_freq") || name.starts_with("vision_tower.") ||
           name.starts_with("multi_modal_projector.");
}

/// The tokens that a file's eos_token_id (a number or a list) says end a generation. Absent files say nothing.
void addEnds(const std::filesystem::path &path, Vocabulary &vocabulary)
{
    if (!std::filesystem::exists(path))
        return;
    const Json json = Json::parse(readTextFile(path, maxIndexBytes), nullptr, false);
    const auto ends = json.is_object() ? json.find("eos_token_id") : json.end();
    if (!json.is_object() || ends == json.end())
        return;
    for (const Json &id : ends->is_array() ? *ends : Json::array({*ends})) {
        if (id.is_number_unsigned() && id < vocabulary.tokens.size())
            vocabulary.ends.push_back(id.get<TokenId>());
    }
}

} // namespace

std::optional<std::string> ggufTensorName(std::string_view name, bool hasNormsAfterBlocks)
{
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos)
        return std::nullopt;
    const std::string ending(name.substr(dot));
    if (ending != ".weight" && ending != ".bias")
        return std::nullopt;
    name = name.substr(0, dot);
    for (const std::string_view prefix : {"model.", "language_model.", "model."}) {
        if (name.starts_with(prefix))
            name.remove_prefix(prefix.size());
    }
    constexpr std::string_view layers = "layers.";
    if (!name.starts_with(layers)) {
        const auto known = lookUp(modelNames, name);
        return known ? std::optional(*known + ending) : std::nullopt;
    }
    name.remove_prefix(layers.size());
    const std::size_t end = std::min(name.find('.'), name.size() - 1);
    const std::string layer(name.substr(0, end));
    const std::string_view part = name.substr(end + 1);
    const auto known = hasNormsAfterBlocks && part == "post_attention_layernorm"
                           ? std::optional(std::string("post_attention_norm"))
                           : lookUp(layerNames, part);
    if (!known || layer.find_first_not_of("0123456789") != std::string::npos)
        return std::nullopt;
    return "blk." + layer + "." + *known + ending;
}

HuggingFaceDirectory::HuggingFaceDirectory(const std::filesystem::path &path, bool vocabularyOnly)
    : Checkpoint(path)
{
    if (vocabularyOnly &&
        (std::filesystem::exists(path / "tokenizer.json") || std::filesystem::exists(path / "tokenizer.model")))
        return;
    const std::filesystem::path config = path / "config.json";
    if (!std::filesystem::exists(config))
        fail("a folder without config.json; name a .gguf file or a folder with a Hugging Face model");
    m_config = readHuggingFaceConfig(config);
    std::vector<StoredTensor> tensors;
    for (const std::string &file : weightFiles()) {
        for (StoredTensor &tensor : readSafetensors(path / file)) {
            if (m_files.empty() || m_files.back() != tensor.file)
                m_files.push_back(tensor.file);
            tensors.push_back(std::move(tensor));
        }
    }
    addTensors(std::move(tensors));
}

std::vector<std::string> HuggingFaceDirectory::weightFiles() const
{
    const std::filesystem::path index = path() / "model.safetensors.index.json";
    if (!std::filesystem::exists(index)) {
        if (std::filesystem::exists(path() / "model.safetensors"))
            return {"model.safetensors"};
        if (std::filesystem::exists(path() / "pytorch_model.bin"))
            fail("its weights are in pytorch_model.bin, which is not read; convert the model to safetensors");
        return {};
    }
    const Json json = Json::parse(readTextFile(index, maxIndexBytes), nullptr, false);
    const auto map = json.is_object() ? json.find("weight_map") : json.end();
    if (!json.is_object() || map == json.end() || !map->is_object())
        throw Error(ErrorKind::Input, index.string() + ": has no weight_map; the file is damaged");
    std::set<std::string> names;
    for (const Json &file : *map) {
        const std::string name = file.is_string() ? file.get<std::string>() : "";
        if (name.empty() || std::filesystem::path(name).filename() != name) // nothing outside the folder
            throw Error(ErrorKind::Input, index.string() + ": its weight_map does not name files beside it");
        names.insert(name);
    }
    return {names.begin(), names.end()};
}

/// Takes them under GGUF's names.
void HuggingFaceDirectory::addTensors(std::vector<StoredTensor> tensors)
{
    m_normsAfterBlocks = std::ranges::any_of(
        tensors, [](const StoredTensor &tensor) { return tensor.name.ends_with("pre_feedforward_layernorm.weight"); });
    for (StoredTensor &tensor : tensors) {
        if (isNoPartOfText(tensor.name))
            continue;
        const std::string stored = tensor.name.substr(0, 80);
        const auto known = ggufTensorName(tensor.name, m_normsAfterBlocks);
        if (!known)
            fail("tensor " + stored + " is not part of a " + m_config.architecture + " model as it is known here");
        tensor.name = *known;
        if (!m_tensors.add(std::move(tensor)))
            fail("tensor " + stored + " occurs twice");
    }
}

std::string HuggingFaceDirectory::storedName(const std::string &name) const
{
    const std::string ending = name.substr(name.rfind('.'));
    const bool isOfLayer = name.starts_with("blk.");
    const std::string where = isOfLayer ? "model.layers." + name.substr(4, name.find('.', 4) - 3) : "model.";
    const auto names = isOfLayer ? std::span<const NamePair>(layerNames) : std::span<const NamePair>(modelNames);
    for (const NamePair &pair : names) {
        std::string stored = where;
        stored.append(pair.first).append(ending);
        if (ggufTensorName(stored, m_normsAfterBlocks) == name)
            return pair.first == "lm_head" ? stored.substr(where.size()) : stored;
    }
    return name;
}

std::string HuggingFaceDirectory::name() const
{
    const auto normal = std::filesystem::absolute(path()).lexically_normal();
    return (normal.has_filename() ? normal : normal.parent_path()).filename().string();
}

std::optional<Vocabulary> HuggingFaceDirectory::vocabulary() const
{
    std::optional<Vocabulary> vocabulary;
    if (const auto json = path() / "tokenizer.json"; std::filesystem::exists(json))
        vocabulary = readTokenizerJson(json);
    else if (const auto model = path() / "tokenizer.model"; std::filesystem::exists(model))
        vocabulary = readSentencePieceModel(model);
    else
        return std::nullopt;
    readTokenizerConfig(path(), *vocabulary);
    for (const char *name : {"config.json", "generation_config.json"})
        addEnds(path() / name, *vocabulary);
    return vocabulary;
}

} // namespace headkv
