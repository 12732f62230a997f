// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/SentencePieceModel.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"

#include <sentencepiece_processor.h>

namespace headkv {

namespace {

using sentencepiece::SentencePieceProcessor;

void load(SentencePieceProcessor &processor, const std::string &model, const std::string &name)
{
    if (!processor.LoadFromSerializedProto(model).ok())
        throw Error(ErrorKind::Input,
                    name + ": not a SentencePiece model that libsentencepiece reads; name another file");
}

std::optional<TokenId> present(int id) { return id < 0 ? std::nullopt : std::optional<TokenId>(id); }

} // namespace

Vocabulary readSentencePieceModel(const std::filesystem::path &path)
{
    Vocabulary vocabulary;
    vocabulary.algorithm = TokenAlgorithm::SentencePiece;
    vocabulary.sentencePieceModel = readTextFile(path);
    SentencePieceProcessor processor;
    load(processor, vocabulary.sentencePieceModel, path.string());
    for (TokenId id = 0; id < processor.GetPieceSize(); ++id) {
        vocabulary.tokens.push_back(processor.IdToPiece(id));
        if (processor.IsControl(id) || processor.IsUnknown(id))
            vocabulary.added.push_back({id, vocabulary.tokens.back()});
    }
    vocabulary.bos = present(processor.bos_id());
    vocabulary.eos = present(processor.eos_id());
    vocabulary.unknown = present(processor.unk_id());
    vocabulary.padding = present(processor.pad_id());
    vocabulary.addBos = vocabulary.bos.has_value();
    vocabulary.decoders = {
        {DecodeStep::Kind::Replace, "\u2581", " "}, {DecodeStep::Kind::ByteFallback}, {DecodeStep::Kind::Fuse}};
    const auto pieces = processor.EncodeAsPieces("a"); // the library tells only so whether it puts a space in front
    if (!pieces.empty() && pieces.front().starts_with("\u2581"))
        vocabulary.decoders.push_back({DecodeStep::Kind::Strip, " ", "", 1, 0});
    return vocabulary;
}

struct SentencePieceEncoder::Impl
{
    SentencePieceProcessor processor;
};

SentencePieceEncoder::SentencePieceEncoder(const std::string &model)
    : m_impl(std::make_unique<Impl>())
{
    load(m_impl->processor, model, "the tokenizer");
}

SentencePieceEncoder::~SentencePieceEncoder() = default;

void SentencePieceEncoder::encode(std::string_view piece, std::vector<TokenId> &ids) const
{
    std::vector<int> found;
    if (!m_impl->processor.Encode(piece, &found).ok())
        throw Error(ErrorKind::Failed, "libsentencepiece could not encode the text");
    ids.insert(ids.end(), found.begin(), found.end());
}

} // namespace headkv
