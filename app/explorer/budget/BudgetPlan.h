// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/BudgetReport.h"
#include "core/compression/CompressionMethod.h"
#include "core/probe/HeadScores.h"

#include <QString>
#include <QStringList>
#include <memory>
#include <optional>

namespace headkv {

class Session;

/// What a user sets on the Budget page. A value: undo keeps two of them.
struct BudgetSettings
{
    static constexpr int mostMethods = 4;

    QStringList methods{QStringLiteral("snapkv"), QStringLiteral("pyramidkv"), QStringLiteral("headkv")};
    int budget = 128;
    std::optional<int> window; ///< nothing: auto
    double beta = 1.2;         ///< of HeadKV
    Granularity granularity = Granularity::QueryHead;
    bool redistribute = false;
    std::shared_ptr<const HeadScores> scores; ///< one of the session's sets
    std::optional<int> tokens;                ///< of the context; nothing: the model's

    bool operator==(const BudgetSettings &) const = default;
};

/// What is open that budgets are computed from.
struct BudgetBasis
{
    BudgetTarget target; ///< no layers: neither a model nor scores are open
    bool kvHeadsKnown = false;
    int contextLength = 8192;
    std::vector<double> importance; ///< empty: no scores of this model's heads
    QString scoresProblem;          ///< why it is empty

    [[nodiscard]] bool isEmpty() const { return target.shape.layers == 0; }
};

/// One method's budgets as the page shows them.
struct MethodBudget
{
    const MethodInfo *method = nullptr;
    QString problem; ///< why there is none; the rest then is empty
    CompressionSettings settings;
    HeadBudgets budgets;
    Concentration unequal;
    std::vector<double> kept; ///< [layers·lists] tokens after the prompt
    std::int64_t entries = 0; ///< their sum
    bool isMean = false;      ///< the prompt's attention shares the budgets out; these are equal shares

    [[nodiscard]] QString name() const;
};

/// The shape and the importance: a model's where one is loaded, else the score set's.
[[nodiscard]] BudgetBasis budgetBasis(const Session &session, const BudgetSettings &settings);
/// Why the method cannot be shown on this basis; empty: it can.
[[nodiscard]] QString methodProblem(const MethodInfo &method, const BudgetBasis &basis);
/// The chosen methods that can be shown, four at most, in the order of compressionMethods().
[[nodiscard]] std::vector<const MethodInfo *> shownMethods(const BudgetSettings &settings, const BudgetBasis &basis);
[[nodiscard]] int tokensOf(const BudgetSettings &settings, const BudgetBasis &basis);
[[nodiscard]] CompressionSettings compressionSettings(const MethodInfo &method, const BudgetSettings &settings,
                                                      const BudgetBasis &basis);
/// allocate() for the context length, or the reason that it gives for refusing.
[[nodiscard]] MethodBudget planMethod(const MethodInfo &method, const BudgetSettings &settings,
                                      const BudgetBasis &basis);

} // namespace headkv
