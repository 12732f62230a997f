// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/evaluation/DocumentFile.h"
#include "core/evaluation/EvaluationTask.h"
#include "core/evaluation/PromptFormat.h"

#include <optional>
#include <vector>

namespace headkv {

class Tokenizer;
struct ChatFormat;

struct DocumentPlanSettings
{
    std::optional<int>
        maxPromptTokens; ///< longer prompts lose their middle; never more than the context less the answer
    std::optional<std::size_t> maxCases; ///< of each task, the first ones
};

/// The questions of a file as tasks, one a dataset in order of first appearance; lines that name none belong to one of
/// the file's name. A prompt is the dataset's: contextIds = the template's beginning (BOS alone where the dataset takes
/// no template) + what stands before and with {context}; questionIds = what stands behind it + the template's end, both
/// with {input} filled in. Each of the two texts is tokenised by itself, without special tokens.
///
/// Too long a prompt is cut in the middle as LongBench does it: as many tokens are kept from its beginning as from its
/// end. Unlike there, the template counts, the question is never cut (nor what stands before the context), and what is
/// kept is not tokenised again. Questions about one document keep the same part of it: what the longest of them leaves
/// room for.
/// Errors: Input: a question that does not fit, with its line; a Chinese dataset. Cancelled.
[[nodiscard]] std::vector<EvaluationTask> planDocuments(const DocumentFile &file, const PromptFormats &formats,
                                                        const Tokenizer &tokenizer, const ChatFormat &chat,
                                                        int contextLength, const DocumentPlanSettings &settings = {},
                                                        const JobControl &control = {});

} // namespace headkv
