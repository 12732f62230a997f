// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/generate/LaneView.h"

#include <QWidget>

class QLabel;
class QSettings;
class QTableView;
class QTabWidget;
class QTimer;
class QVBoxLayout;

namespace headkv {

class Chart;
class GenerateCharts;
class KeptPanel;
class LaneBoard;
class LaneTableModel;

/// The lanes as they run and after: side by side above; their charts, what was kept and their summary below. Whoever
/// has the lanes says what changes.
class GenerateView : public QWidget
{
    Q_OBJECT

public:
    /// `say`: the row below the lanes. The lanes outlive the view.
    GenerateView(const std::vector<Lane> &lanes, QSettings &settings, QWidget *say, QWidget *parent = nullptr);

    /// Other lanes, or a new turn of them.
    void begin(const QString &needle, const ModelSize &model);
    /// The tokens of a lane's prompt are there.
    void showPrompt();
    /// A lane's text, at once.
    void showText(int lane);
    void showProgress(double share);
    /// The rest of the lanes that changed; `ended`: nothing more comes for now.
    void refresh(const std::vector<int> &changed, bool ended);
    /// Nothing is left to be done at a later turn of the event loop.
    [[nodiscard]] bool isSettled() const { return m_toCompare.empty(); }

    [[nodiscard]] LaneBoard *board() const { return m_board; }
    [[nodiscard]] GenerateCharts *charts() const { return m_charts; }
    [[nodiscard]] KeptPanel *kept() const { return m_kept; }
    [[nodiscard]] QTableView *table() const { return m_table; }
    [[nodiscard]] LaneTableModel *summary() const { return m_model; }
    [[nodiscard]] QTabWidget *tabs() const { return m_tabs; }
    /// A chart and what it is called: "Memory, HeadKV, B 128".
    struct Figure
    {
        QString name;
        Chart *chart = nullptr;
    };
    /// All that show something: those of the lanes, then those that compare them.
    [[nodiscard]] std::vector<Figure> figures() const;

private:
    [[nodiscard]] QTabWidget *buildTabs();
    void showHiddenTabs();
    void showDevice();

    const std::vector<Lane> &m_lanes;
    LaneBoard *m_board;
    GenerateCharts *m_charts;
    KeptPanel *m_kept;
    QTableView *m_table;
    LaneTableModel *m_model;
    QTabWidget *m_tabs;
    QTimer *m_compare;            ///< a lane's words at a time: a long text takes tens of milliseconds
    std::vector<int> m_toCompare; ///< lanes
    bool m_ended = true;
};

} // namespace headkv
