// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/ChartActions.h"

#include "widgets/charts/Chart.h"
#include "widgets/export/ExportDialog.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>

namespace headkv {

namespace {

QString key(const char *name) { return QStringLiteral("export/") + QLatin1String(name); }

/// As the last dialog was left.
void restore(ExportDialog &dialog, const QSettings &settings)
{
    ExportOptions options = dialog.options();
    options.dpi =
        std::clamp(settings.value(key("dpi"), options.dpi).toInt(), ExportOptions::minDpi, ExportOptions::maxDpi);
    options.fontPoints = settings.value(key("fontPoints"), options.fontPoints).toDouble();
    options.dark = settings.value(key("dark"), options.dark).toBool();
    options.textAsShapes = settings.value(key("textAsShapes"), options.textAsShapes).toBool();
    dialog.setOptions(options);
    dialog.setFormat(settings.value(key("format"), dialog.format()).toString());
    // A size that was typed was for that figure.
    const int preset = settings.value(key("preset"), static_cast<int>(ExportDialog::Own)).toInt();
    dialog.setPreset(preset == ExportDialog::OneColumn || preset == ExportDialog::TwoColumns
                         ? static_cast<ExportDialog::Preset>(preset)
                         : ExportDialog::Own);
}

void store(const ExportDialog &dialog, QSettings &settings)
{
    const ExportOptions options = dialog.options();
    settings.setValue(key("dpi"), options.dpi);
    settings.setValue(key("fontPoints"), options.fontPoints);
    settings.setValue(key("dark"), options.dark);
    settings.setValue(key("textAsShapes"), options.textAsShapes);
    settings.setValue(key("format"), dialog.format());
    settings.setValue(key("preset"), static_cast<int>(dialog.preset()));
}

} // namespace

void exportChartWithDialog(const Chart &chart, QSettings &settings, QWidget *parent)
{
    const QString folder = QStringLiteral("exportFolder");
    const std::unique_ptr<Chart> shown = chart.clone(); // what runs may take the chart away meanwhile
    ExportDialog dialog(*shown, settings.value(folder, QDir::homePath()).toString(), parent);
    restore(dialog, settings);
    QObject::connect(&dialog, &ExportDialog::saved, parent, [&settings, &dialog, folder](const QString &path) {
        settings.setValue(folder, QFileInfo(path).absolutePath());
        store(dialog, settings);
    });
    dialog.exec();
}

void enableChartMenu(Chart *chart, QSettings &settings, QWidget *page)
{
    QObject::connect(chart, &Chart::exportRequested, page,
                     [chart, &settings, page] { exportChartWithDialog(*chart, settings, page); });
    QObject::connect(chart, &Chart::copyRequested, page, [chart] { ChartExport::copy(*chart); });
}

} // namespace headkv
