// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QAbstractItemModel;
class QSettings;
class QTableView;

namespace headkv {

/// The rows of a table, a header row first; numbers with all their digits where the model has them (Qt::UserRole).
/// `rows`: of the model, in that order. As CSV, or with tabs, as spreadsheets take it from the clipboard.
[[nodiscard]] QString tableText(const QAbstractItemModel &model, const QList<int> &rows, bool tabs);
/// All rows.
[[nodiscard]] QString tableText(const QAbstractItemModel &model, bool tabs);

/// Ctrl+C puts a table's selected rows on the clipboard; its context menu copies them or all, or writes a CSV file
/// that is named like `name`.
void enableTableCopy(QTableView *view, QSettings &settings, const QString &name);

} // namespace headkv
