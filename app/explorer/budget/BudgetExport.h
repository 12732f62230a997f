// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/budget/BudgetPlan.h"

namespace headkv {

/// Writes budgets to a file by its suffix: .json, of one method, as `headkv allocate --out` does; .csv, a row a head,
/// of as many as there are. Returns the error, empty: done.
[[nodiscard]] QString saveBudgets(const std::vector<MethodBudget> &plans, const BudgetBasis &basis, int tokens,
                                  const QString &path);

} // namespace headkv
