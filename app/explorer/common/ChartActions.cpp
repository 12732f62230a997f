// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/ChartActions.h"

#include "widgets/charts/Chart.h"
#include "widgets/export/ExportDialog.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>

namespace headkv {

void exportChartWithDialog(const Chart &chart, QSettings &settings, QWidget *parent)
{
    const QString key = QStringLiteral("exportFolder");
    ExportDialog dialog(chart, settings.value(key, QDir::homePath()).toString(), parent);
    QObject::connect(&dialog, &ExportDialog::saved, parent,
                     [&settings, key](const QString &path) { settings.setValue(key, QFileInfo(path).absolutePath()); });
    dialog.exec();
}

void enableChartMenu(Chart *chart, QSettings &settings, QWidget *page)
{
    QObject::connect(chart, &Chart::exportRequested, page,
                     [chart, &settings, page] { exportChartWithDialog(*chart, settings, page); });
    QObject::connect(chart, &Chart::copyRequested, page, [chart] { ChartExport::copy(*chart); });
}

} // namespace headkv
