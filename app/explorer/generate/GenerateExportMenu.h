// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QMenu;
class QSettings;

namespace headkv {

struct ExportItems;
class FolderExport;
class GenerateView;
class Page;
class LaneSession;

/// What the Generate page's Export button offers: all into a folder, each lane's report, each figure. The page's
/// message bar says how it ended.
class GenerateExportMenu : public QObject
{
    Q_OBJECT

public:
    /// All outlive the menu.
    GenerateExportMenu(const LaneSession &lanes, const GenerateView &view, QSettings &settings, Page &page);

    void fill(QMenu *menu);
    /// All that there is.
    [[nodiscard]] ExportItems items() const;
    void write(const ExportItems &items, const QString &folder);
    [[nodiscard]] bool isRunning() const;

Q_SIGNALS:
    void folderChosen(const QString &folder);

private:
    void chooseFolder();
    void saveReport(int lane);
    /// An empty error: it went well.
    void tell(const QString &done, const QString &error);

    const LaneSession &m_lanes;
    const GenerateView &m_view;
    QSettings &m_settings;
    Page &m_page;
    FolderExport *m_exporter;
    QString m_folder;
};

} // namespace headkv
