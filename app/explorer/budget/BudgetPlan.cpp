// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/budget/BudgetPlan.h"

#include "core/base/Error.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"

#include <QCoreApplication>
#include <numeric>

namespace headkv {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("headkv::BudgetPage", text); }

/// The importance of the heads, or why there is none.
void readImportance(BudgetBasis &basis, const Session &session, const std::shared_ptr<const HeadScores> &scores)
{
    if (!scores) {
        basis.scoresProblem = tr("a score set is needed; open one or run a probe");
        return;
    }
    const HeadShape &shape = basis.target.shape;
    if (scores->layers != shape.layers || scores->heads != shape.queryHeads) {
        basis.scoresProblem = tr("the score set has %1 × %2 heads, the model %3 × %4; choose a set of this model")
                                  .arg(scores->layers)
                                  .arg(scores->heads)
                                  .arg(shape.layers)
                                  .arg(shape.queryHeads);
        return;
    }
    for (const ScoreSet &set : session.scores().sets()) {
        if (set.scores == scores)
            basis.importance = set.summary->shares;
    }
    if (std::accumulate(basis.importance.begin(), basis.importance.end(), 0.0) <= 0) {
        basis.importance.clear();
        basis.scoresProblem = tr("all heads of the score set have a score of 0; choose another set");
    }
}

} // namespace

QString MethodBudget::name() const { return QString::fromUtf8(method->name.data(), qsizetype(method->name.size())); }

BudgetBasis budgetBasis(const Session &session, const BudgetSettings &settings)
{
    BudgetBasis basis;
    if (const auto info = session.modelInfo(); info && info->layers > 0 && info->kvHeads > 0) {
        basis.target.shape = {info->layers, info->queryHeads, info->kvHeads};
        basis.target.bytesPerEntry = info->kvBytesPerEntry();
        basis.kvHeadsKnown = true;
        basis.contextLength = info->contextLength > 0 ? info->contextLength : basis.contextLength;
    } else if (settings.scores) {
        basis.target.shape = {settings.scores->layers, settings.scores->heads, settings.scores->heads};
    }
    if (!basis.isEmpty())
        readImportance(basis, session, settings.scores);
    return basis;
}

QString methodProblem(const MethodInfo &method, const BudgetBasis &basis)
{
    return method.hasScores && basis.importance.empty() ? basis.scoresProblem : QString();
}

std::vector<const MethodInfo *> shownMethods(const BudgetSettings &settings, const BudgetBasis &basis)
{
    std::vector<const MethodInfo *> shown;
    for (const MethodInfo &method : compressionMethods()) {
        if (settings.methods.contains(QLatin1String(method.id.data(), qsizetype(method.id.size()))) &&
            methodProblem(method, basis).isEmpty() && shown.size() < BudgetSettings::mostMethods)
            shown.push_back(&method);
    }
    return shown;
}

int tokensOf(const BudgetSettings &settings, const BudgetBasis &basis)
{
    return settings.tokens.value_or(basis.contextLength);
}

CompressionSettings compressionSettings(const MethodInfo &method, const BudgetSettings &settings,
                                        const BudgetBasis &basis)
{
    CompressionSettings compression;
    compression.method = method.id;
    compression.budget = settings.budget;
    compression.window = settings.window;
    if (method.hasBudget) // FullKV's heads do not differ
        compression.granularity = basis.kvHeadsKnown ? settings.granularity : Granularity::QueryHead;
    compression.redistribute = settings.redistribute;
    compression.importance = basis.importance;
    if (method.id == "headkv") // a pyramid's β is another thing
        compression.beta = settings.beta;
    return compression;
}

MethodBudget planMethod(const MethodInfo &method, const BudgetSettings &settings, const BudgetBasis &basis)
{
    MethodBudget plan;
    plan.method = &method;
    plan.settings = compressionSettings(method, settings, basis);
    try {
        const auto made = makeCompressionMethod(basis.target.shape, plan.settings);
        const int tokens = tokensOf(settings, basis);
        plan.budgets = made->allocate(tokens);
        plan.isMean = !made->isStatic();
        plan.unequal = concentration(plan.budgets);
        plan.kept.reserve(plan.budgets.capacities.size());
        for (std::size_t list = 0; list < plan.budgets.capacities.size(); ++list)
            plan.kept.push_back(static_cast<double>(plan.budgets.entries(list, tokens)));
        plan.entries = plan.budgets.totalEntries(tokens);
    } catch (const Error &error) {
        plan.problem = QString::fromUtf8(error.what());
    }
    return plan;
}

} // namespace headkv
