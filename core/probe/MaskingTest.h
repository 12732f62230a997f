// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/model/HeadId.h"
#include "core/probe/HeadScores.h"
#include "core/probe/ProbeSettings.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace headkv {

class Model;

/// What "test these heads" runs: the same cases again and again, with other heads masked.
struct MaskingSettings
{
    ProbeSettings probe;                          ///< its scoring, filter and masked heads do not matter
    std::vector<int> counts{1, 2, 5, 10, 20, 50}; ///< k: heads masked at once; those above the model's heads fall away
    int draws = 3;                                ///< of random heads for each k
    std::uint64_t seed = 0;
};

/// Mean recall of the answers' words, 0…100, with k heads masked.
struct MaskingPoint
{
    int heads = 0;              ///< k
    double top = 0;             ///< the k of largest mean score
    std::vector<double> random; ///< for each draw: k others
    double randomMean = 0;      ///< over draws
    double randomDeviation = 0; ///< sample standard deviation over draws; 0 for one
};

/// As far as it came: after Cancel, the points that are whole.
struct MaskingResult
{
    std::size_t cases = 0;
    double baseline = 0;              ///< recall with no head masked
    std::vector<MaskingPoint> points; ///< by rising k
    bool cancelled = false;
};

/// Called on the test's thread after the baseline and after each point.
using MaskingObserver = std::function<void(const MaskingResult &)>;

/// A causal test of a score set (as Wu et al. 2024 do for retrieval heads): does the model lose the answers when the
/// top heads give nothing, more than when as many random ones do? Random heads are drawn without replacement from those
/// outside the top k. Answers are generated; recall is ROUGE-1's, the mean over cases. Errors: as planCases; Input,
/// where the scores' shape is not the model's; Usage, for counts below 1.
[[nodiscard]] MaskingResult testMasking(std::shared_ptr<const Model> model, const HeadScores &scores,
                                        const MaskingSettings &settings, const JobControl &control = {},
                                        const MaskingObserver &observer = {});

} // namespace headkv
