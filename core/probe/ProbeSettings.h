// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/HeadId.h"
#include "core/text/ChatFormat.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace headkv {

/// algorithms §1: what is scored. Retrieval is Eq. 1 (score set R), Enhanced Eq. 2 on the same needles (ER), Reasoning
/// Eq. 2 on needles that only a reasoning step answers (R2).
enum class ProbeKind { Retrieval, Enhanced, Reasoning };

[[nodiscard]] std::string toString(ProbeKind kind);                     ///< "retrieval", "enhanced", "reasoning"
[[nodiscard]] std::optional<ProbeKind> probeKindFrom(std::string_view); ///< the way back

/// Which tokens a case's steps emit. Generated: the model's own, greedily; a case counts if its answer passes the
/// filter. Forced: the right answer's, fed in one pass; every case counts.
enum class ProbeScoring { Generated, Forced };

[[nodiscard]] std::string toString(ProbeScoring scoring);                     ///< "generated", "forced"
[[nodiscard]] std::optional<ProbeScoring> probeScoringFrom(std::string_view); ///< the way back

/// A sentence to hide, what is asked about it, and the words of it that answer.
struct Needle
{
    std::string needle;
    std::string question;
    std::string answer; ///< occurs in needle, literally

    bool operator==(const Needle &) const = default;
};

/// Which cases count: those whose answer scores more than the threshold.
struct ProbeFilter
{
    enum class Metric { None, TokenF1, Rouge1Recall };
    Metric metric = Metric::Rouge1Recall;
    double threshold = 50; ///< 0…100, exclusive

    [[nodiscard]] bool passes(double f1, double rouge1Recall) const;
    bool operator==(const ProbeFilter &) const = default;
};

[[nodiscard]] ProbeFilter defaultFilter(ProbeKind kind);       ///< rouge1:50; f1:50 for reasoning
[[nodiscard]] std::string toString(const ProbeFilter &filter); ///< "none", "f1:50", "rouge1:50"
[[nodiscard]] std::optional<ProbeFilter>
    probeFilterFrom(std::string_view); ///< the way back; nothing where it is malformed

struct ProbeSettings
{
    ProbeKind kind = ProbeKind::Retrieval;
    ProbeScoring scoring = ProbeScoring::Generated;
    std::vector<int> lengths;   ///< tokens of haystack and needle
    std::vector<double> depths; ///< 0…1
    std::vector<Needle> needles;
    std::string haystack;     ///< the text itself
    std::string haystackName; ///< where it came from, for the report
    ProbeFilter filter;       ///< of generated answers
    int maxNewTokens = 50;
    bool prefixReuse = true;
    std::vector<HeadId> maskedHeads;      ///< whose output is zero
    std::optional<ChatFormat> chatFormat; ///< around a prompt; nothing: the model's
};

/// `count` values evenly from first to last, both included (one value: last; depths use 0…1).
[[nodiscard]] std::vector<int> evenLengths(int count,
                                           int maxLength); ///< maxLength/count, 2·maxLength/count, … maxLength
[[nodiscard]] std::vector<double> evenDepths(int count);   ///< 0 … 1; one value: 0.5

} // namespace headkv
