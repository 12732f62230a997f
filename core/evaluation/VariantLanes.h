// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/compression/CompressedCache.h"
#include "core/evaluation/EvaluationRun.h"
#include "core/model/Transformer.h"

#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace headkv {

class Model;

/// Caches of several variants side by side behind one prompt or context.
class VariantLanes
{
public:
    /// Errors: Input, for a vocabulary-only model.
    VariantLanes(std::shared_ptr<const Model> model, const JobControl &control);

    void clear();
    [[nodiscard]] std::size_t size() const { return m_lanes.size(); }
    /// Adds a variant for such cases; false: memory holds no more beside the others. `index` is the variant's, for its
    /// results. Errors: Memory, where it does not even fit alone; Usage; Input.
    [[nodiscard]] bool add(const EvaluationVariant &variant, std::size_t index, const EvaluationCase &like,
                           CompressionMoment moment, int newTokens);
    /// Computes the prompt, or its context, for all of them. Errors: Cancelled.
    void prefill(const EvaluationCase &item, CompressionMoment moment,
                 const std::function<void(double share)> &progress);
    /// Their answers to a case of that context, by lane; `alone`: one after another, with their speeds. Where the
    /// context was compressed, it stays as it is for the next question. Errors: Cancelled.
    [[nodiscard]] std::vector<EvaluationResult> answer(const EvaluationCase &item, const EvaluationTask &task,
                                                       CompressionMoment moment, bool alone);

private:
    struct Lane
    {
        std::size_t variant;
        CompressedCache cache;
        int window;
        std::uint64_t promptBytes = 0; ///< of entries held behind the prompt, or its context
    };
    struct Answer;

    void putQuestion(std::span<Answer> answers, std::span<const TokenId> ids);
    void decode(std::span<Answer> answers, int maxNewTokens);
    [[nodiscard]] EvaluationResult judge(const Answer &answer, const EvaluationCase &item,
                                         const EvaluationTask &task) const;

    std::shared_ptr<const Model> m_model;
    const JobControl &m_control;
    Transformer m_transformer;
    std::vector<Lane> m_lanes;
    std::uint64_t m_bytes = 0; ///< that the lanes will take
    TokenId m_first = -1;      ///< the token behind a whole prompt, the same for all
    double m_prefillSeconds = 0;
};

} // namespace headkv
