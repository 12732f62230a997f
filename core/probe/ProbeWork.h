// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/parallel/RankTeam.h"
#include "core/parallel/WorkCut.h"
#include "core/probe/ProbeCase.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headkv {

struct ModelInfo;

/// The order of work: lexicographic by prompt, which walks the tree of shared prefixes depth first. So one cache, cut
/// back to what the next prompt shares with the last, computes every shared prefix exactly once. Indices of cases.
[[nodiscard]] std::vector<std::size_t> workOrder(const std::vector<ProbeCase> &cases);

/// Tokens that both begin with.
[[nodiscard]] std::size_t commonPrefix(std::span<const TokenId> a, std::span<const TokenId> b);

/// Beside each other, more cases gain little: attention, which is each one's own, outweighs the weights.
inline constexpr std::size_t mostCasesTogether = 4;
/// How many cases from the first of an order on differ from the one before in a short tail only; at least 1.
[[nodiscard]] std::size_t neighbours(const std::vector<ProbeCase> &cases, std::span<const std::size_t> order);

/// What so many tokens of answers cost, in tokens of prompts.
[[nodiscard]] double answerCost(ProbeScoring scoring, std::size_t tokens);

/// What groups of so many cases cost, in this order and in tokens of prompts, and what each saves behind the one
/// before.
[[nodiscard]] std::vector<WorkPiece> workPieces(const ProbeSettings &settings, const std::vector<ProbeCase> &cases,
                                                std::span<const std::size_t> order,
                                                std::span<const std::size_t> groups);

/// What of program and model must be the same on all ranks.
[[nodiscard]] RankTeam::Parts commonParts(const ModelInfo &model);

/// A case's result with the tokens that it took, on its way to the rank that collects.
struct ProbeDelivery
{
    ProbeCaseResult result;
    std::size_t prefillTokens = 0, reusedTokens = 0;
};
[[nodiscard]] std::string pack(const ProbeDelivery &delivery);
/// Errors: Failed, where it is none, or of a case that is not there.
[[nodiscard]] ProbeDelivery unpackDelivery(std::string_view bytes, std::size_t cases);

} // namespace headkv
