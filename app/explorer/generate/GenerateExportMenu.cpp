// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/GenerateExportMenu.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/Page.h"
#include "app/explorer/generate/GenerateView.h"
#include "app/explorer/generate/LaneNames.h"
#include "sessions/LaneSession.h"
#include "sessions/LaneTableModel.h"
#include "widgets/controls/MessageBar.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QSettings>
#include <algorithm>

namespace headkv {

namespace {
const QString folderKey = QStringLiteral("exportFolder");
} // namespace

GenerateExportMenu::GenerateExportMenu(const LaneSession &lanes, const GenerateView &view, QSettings &settings,
                                       Page &page)
    : QObject(&page)
    , m_lanes(lanes)
    , m_view(view)
    , m_settings(settings)
    , m_page(page)
    , m_exporter(new FolderExport(this))
{
    connect(m_exporter, &FolderExport::finished, this, [this](const QString &error) {
        tell(tr("Saved %1 files in %2").arg(m_exporter->written().size()).arg(m_folder), error);
    });
}

void GenerateExportMenu::fill(QMenu *menu)
{
    menu->clear();
    connect(menu->addAction(tr("All into a folder…")), &QAction::triggered, this, &GenerateExportMenu::chooseFolder);
    menu->addSeparator();
    const std::vector<LaneName> names = laneNames(m_lanes.all());
    for (std::size_t i = 0; i < names.size(); ++i)
        connect(menu->addAction(tr("Report of %1…").arg(names[i].title)), &QAction::triggered, this,
                [this, i] { saveReport(static_cast<int>(i)); });
    menu->addSeparator();
    for (const GenerateView::Figure &figure : m_view.figures())
        connect(menu->addAction(tr("Figure: %1…").arg(figure.name)), &QAction::triggered, this,
                [this, chart = figure.chart] { exportChartWithDialog(*chart, m_settings, &m_page); });
}

void GenerateExportMenu::chooseFolder()
{
    const QString folder = QFileDialog::getExistingDirectory(&m_page, tr("Export all into a folder"),
                                                             m_settings.value(folderKey).toString());
    if (folder.isEmpty())
        return;
    m_settings.setValue(folderKey, folder);
    Q_EMIT folderChosen(folder);
}

ExportItems GenerateExportMenu::items() const
{
    ExportItems items;
    for (int lane = 0; lane < static_cast<int>(m_lanes.all().size()); ++lane) {
        const auto &settings = m_lanes.all()[static_cast<std::size_t>(lane)].settings;
        const QString name =
            QStringLiteral("lane-%1-%2.json").arg(lane + 1).arg(QString::fromStdString(settings.compression.method));
        items.files.push_back({name, [this, lane](const QString &path) {
                                   const bool there = lane < static_cast<int>(m_lanes.all().size());
                                   return there ? m_lanes.save(lane, path) : QString();
                               }});
    }
    if (!items.files.empty())
        items.add(QStringLiteral("summary.csv"), [this] { return m_view.summary()->csv(); });
    for (const GenerateView::Figure &figure : m_view.figures())
        items.add(figure.chart, figure.name);
    return items;
}

void GenerateExportMenu::write(const ExportItems &items, const QString &folder)
{
    m_folder = folder;
    std::vector<ExportFile> files = items.files;
    std::ranges::move(figureFiles(items, {QStringLiteral("png"), QStringLiteral("svg"), QStringLiteral("csv")}, {}),
                      std::back_inserter(files));
    m_exporter->start(folder, std::move(files));
}

bool GenerateExportMenu::isRunning() const { return m_exporter->isRunning(); }

void GenerateExportMenu::saveReport(int lane)
{
    const auto &settings = m_lanes.all()[static_cast<std::size_t>(lane)].settings;
    const QString name = QStringLiteral("/report-%1.json").arg(QString::fromStdString(settings.compression.method));
    QString path = QFileDialog::getSaveFileName(&m_page, tr("Export a report"),
                                                m_settings.value(folderKey).toString() + name, tr("Reports (*.json)"));
    if (path.isEmpty())
        return;
    if (QFileInfo(path).suffix().isEmpty())
        path += QStringLiteral(".json");
    const QString error = m_lanes.save(lane, path);
    if (error.isEmpty())
        m_settings.setValue(folderKey, QFileInfo(path).absolutePath());
    tell(tr("Saved %1").arg(path), error);
}

void GenerateExportMenu::tell(const QString &done, const QString &error)
{
    if (error.isEmpty())
        m_page.messages()->showMessage(MessageBar::Kind::Info, done);
    else
        m_page.messages()->showMessage(MessageBar::Kind::Error, error);
}

} // namespace headkv
