// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/HeadBudgets.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace headkv {

/// How a method scores tokens.
enum class TokenScoring {
    Place,      ///< not at all: by their place
    Window,     ///< SnapKV: mean attention of the window's queries, pooled
    ColumnSums, ///< H2O: sum of the attention of all queries
};

/// What one layer offers to keep, by list: its tokens in order. The last w are kept in any case.
struct LayerCandidates
{
    int layer = 0;
    std::vector<std::int64_t> counts;       ///< [lists] tokens, the window's included
    std::vector<std::vector<float>> scores; ///< [lists][counts − w], empty where the method scores by place
};

/// Which of its candidates a list keeps: indices, rising.
using KeptTokens = std::vector<std::int32_t>;

/// A way to say how many tokens each list keeps, and which. One file a method; immutable; no LibTorch.
class CompressionMethod
{
public:
    CompressionMethod(const HeadShape &shape, CompressionSettings settings);
    virtual ~CompressionMethod() = default;

    [[nodiscard]] const CompressionSettings &settings() const noexcept { return m_settings; }
    [[nodiscard]] int window() const noexcept { return *m_settings.window; }
    [[nodiscard]] virtual TokenScoring scoring() const { return TokenScoring::Window; }
    /// Whether a list keeps the mean of what it drops as one entry of its weight.
    [[nodiscard]] virtual bool compensates() const { return false; }

    /// The budgets for a prompt of n tokens; without n, of an endless one. Errors: Usage, where the method has none
    /// without a prompt.
    [[nodiscard]] HeadBudgets allocate(std::optional<std::int64_t> promptTokens) const;
    /// Of how many of a layer's highest scores a list's own decide on its capacity; none: it is the one allocated.
    [[nodiscard]] virtual std::optional<std::int64_t> sharedPlaces() const { return std::nullopt; }
    /// A layer's capacities, [lists], where so many of the shared places are each list's.
    [[nodiscard]] virtual std::vector<std::int64_t> capacitiesOf(std::span<const std::int64_t> places) const;
    /// Which tokens the list keeps, at capacity C < count − w: by score, the earlier of equals; then the window.
    [[nodiscard]] virtual KeptTokens select(const LayerCandidates &candidates, std::size_t list,
                                            std::int64_t capacity) const;
    /// Whether allocate() knows the capacities before the prompt's attention is seen.
    [[nodiscard]] bool isStatic() const { return !sharedPlaces(); }

protected:
    /// Fills capacities, [layers·lists]: with b for each list, unless the method knows better.
    virtual void fill(HeadBudgets &budgets, std::optional<std::int64_t> promptTokens) const;

    [[nodiscard]] int lists() const { return m_shape.lists(*m_settings.granularity); }
    [[nodiscard]] int listCount() const { return m_shape.layers * lists(); }
    [[nodiscard]] int layers() const noexcept { return m_shape.layers; }
    /// b = B − w.
    [[nodiscard]] std::int64_t base() const { return m_settings.budget - window(); }
    /// Importance by list, [layers·lists]: that of query heads, or their groups' means; its sum is 1.
    [[nodiscard]] std::vector<double> shares() const;
    /// The first tokens and the last: count of them in all, the first `sinks` among them.
    [[nodiscard]] KeptTokens sinksAndRecents(std::int64_t candidates, std::int64_t count) const;

private:
    HeadShape m_shape;
    CompressionSettings m_settings;
};

/// A method as the command line and the pages offer it.
struct MethodInfo
{
    std::string_view id;      ///< "ada-snapkv"
    std::string_view name;    ///< "Ada-SnapKV"
    std::string_view summary; ///< one sentence
    bool hasBudget = true;
    bool hasWindow = true;  ///< the window's queries score the rest
    bool hasScores = false; ///< needs the importance of heads
    bool hasSinks = false;
    double beta = 0; ///< its default; 0: the method has none
    double leastBeta = 0;
    bool betaAboveLeast = false; ///< β > least, else β ≥ least
    std::unique_ptr<CompressionMethod> (*make)(const HeadShape &shape, const CompressionSettings &settings) = nullptr;
};

/// What keeps tokens of its own: as set, else query heads, as published; under FullKV, whose heads do not differ, KV
/// heads, so that nothing is stored twice.
[[nodiscard]] Granularity granularityOf(const CompressionSettings &settings);
/// All methods, FullKV first.
[[nodiscard]] std::span<const MethodInfo> compressionMethods();
/// Errors: Usage, listing those known.
[[nodiscard]] const MethodInfo &compressionMethod(std::string_view id);
/// Errors: Usage: a setting out of range, a budget below the window, missing importance, importance of another shape;
/// a window that is still `auto` is taken as `automatic`.
[[nodiscard]] std::unique_ptr<CompressionMethod>
makeCompressionMethod(const HeadShape &shape, const CompressionSettings &settings, int automatic = publishedWindow);

} // namespace headkv
