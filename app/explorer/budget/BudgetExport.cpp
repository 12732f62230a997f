// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/budget/BudgetExport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "widgets/Csv.h"

#include <QCoreApplication>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

QString csvOf(const std::vector<MethodBudget> &plans)
{
    QString text = QStringLiteral("method,granularity,layer,head,capacity,window,tokens_kept\n");
    for (const MethodBudget &plan : plans) {
        const QString method = csvField(QString::fromStdString(plan.settings.method)) + QLatin1Char(',') +
                               QString::fromStdString(toString(plan.budgets.granularity));
        for (std::size_t list = 0; list < plan.kept.size(); ++list) {
            const auto lists = static_cast<std::size_t>(plan.budgets.lists);
            text += method + QStringLiteral(",%1,%2,%3,%4,%5\n")
                                 .arg(list / lists)
                                 .arg(list % lists)
                                 .arg(plan.budgets.capacities[list])
                                 .arg(plan.budgets.window)
                                 .arg(plan.kept[list], 0, 'f', 0);
        }
    }
    return text;
}

} // namespace

QString saveBudgets(const std::vector<MethodBudget> &plans, const BudgetBasis &basis, int tokens, const QString &path)
{
    try {
        if (path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) {
            writeFileAtomically(path.toStdString(), csvOf(plans).toStdString());
            return {};
        }
        if (plans.size() != 1)
            return QCoreApplication::translate("headkv::BudgetPage",
                                               "%1: several methods go into a table; use a name that ends in .csv")
                .arg(path);
        const MethodBudget &plan = plans.front();
        writeFileAtomically(path.toStdString(),
                            describe(plan.settings, plan.budgets, basis.target, tokens).dump() + "\n");
    } catch (const Error &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace headkv
