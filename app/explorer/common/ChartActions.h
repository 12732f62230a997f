// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QSettings;
class QWidget;

namespace headkv {

class Chart;

/// Shows the export dialog of a chart, starting in the folder of the last export.
void exportChartWithDialog(const Chart &chart, QSettings &settings, QWidget *parent);
/// The chart's context menu: export and copy.
void enableChartMenu(Chart *chart, QSettings &settings, QWidget *page);

} // namespace headkv
