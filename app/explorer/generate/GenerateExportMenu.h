// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QMenu;
class QSettings;

namespace headkv {

class GenerateExport;
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
    /// Writes all that there is.
    void exportAll(const QString &folder);
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
    GenerateExport *m_exporter;
    QString m_folder;
};

} // namespace headkv
