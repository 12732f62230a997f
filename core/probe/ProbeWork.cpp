// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/ProbeWork.h"

#include "core/base/Error.h"
#include "core/base/Installation.h"
#include "core/model/ModelInfo.h"
#include "core/parallel/Message.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace headkv {

namespace {

/// In the order in which they are sent.
auto fieldsOf(auto &delivery)
{
    auto &result = delivery.result;
    return std::tie(result.index, result.emittedIds, result.text, result.f1, result.rouge1Recall, result.passed,
                    result.seconds, result.scores, delivery.prefillTokens, delivery.reusedTokens);
}

} // namespace

std::vector<std::size_t> workOrder(const std::vector<ProbeCase> &cases)
{
    std::vector<std::size_t> order(cases.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return cases[a].promptIds < cases[b].promptIds; });
    return order;
}

std::size_t commonPrefix(std::span<const TokenId> a, std::span<const TokenId> b)
{
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

std::size_t neighbours(const std::vector<ProbeCase> &cases, std::span<const std::size_t> order)
{
    constexpr std::size_t longestTail = 256; // tokens
    std::size_t size = 1;
    for (; size < order.size(); ++size) {
        const std::vector<TokenId> &last = cases[order[size - 1]].promptIds, &next = cases[order[size]].promptIds;
        const std::size_t shared = commonPrefix(last, next), longer = std::max(last.size(), next.size());
        if (longer - shared > longestTail || shared < longer / 2)
            break;
    }
    return size;
}

double answerCost(ProbeScoring scoring, std::size_t tokens)
{
    // Decoding a token costs as much as prefilling some eight; forced answers go through in one pass, as a prompt does.
    constexpr double decodeWeight = 8;
    return (scoring == ProbeScoring::Forced ? 1 : decodeWeight) * static_cast<double>(tokens);
}

std::vector<WorkPiece> workPieces(const ProbeSettings &settings, const std::vector<ProbeCase> &cases,
                                  std::span<const std::size_t> order, std::span<const std::size_t> groups)
{
    std::vector<WorkPiece> pieces;
    std::span<const TokenId> last;
    const auto costOf = [&](const ProbeCase &item, double shared) {
        const std::size_t answer = settings.scoring == ProbeScoring::Forced
                                       ? item.answerIds.size()
                                       : static_cast<std::size_t>(settings.maxNewTokens);
        return static_cast<double>(item.promptIds.size()) - shared + answerCost(settings.scoring, answer);
    };
    for (const std::size_t size : groups) {
        WorkPiece &piece = pieces.emplace_back();
        for (const std::size_t index : order.first(size)) {
            const ProbeCase &item = cases[index];
            const auto shared = static_cast<double>(settings.prefixReuse ? commonPrefix(item.promptIds, last) : 0);
            piece.saved = index == order.front() ? shared : piece.saved;
            piece.cost += costOf(item, shared);
            last = item.promptIds;
        }
        order = order.subspan(size);
    }
    return pieces;
}

RankTeam::Parts commonParts(const ModelInfo &model)
{
    return {{"program", programVersion()},
            {"model", model.sha256},
            {"dtype", model.dtype},
            {"form of weights", model.weights}};
}

std::string pack(const ProbeDelivery &delivery) { return MessageWriter().put(fieldsOf(delivery)).take(); }

ProbeDelivery unpackDelivery(std::string_view bytes, std::size_t cases)
{
    ProbeDelivery delivery;
    MessageReader(bytes).get(fieldsOf(delivery));
    if (delivery.result.index >= cases)
        throw Error(ErrorKind::Failed, "a rank sent a case that is not there; start the same program on all of them");
    return delivery;
}

} // namespace headkv
