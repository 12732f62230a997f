// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/compare/TaskCharts.h"

#include <QTimer>
#include <map>
#include <set>

namespace headkv {

class ProbeGridView;

/// Grids of lengths and depths as small multiples on one scale: a row a budget, methods side by side.
class NeedleCharts : public TaskCharts
{
    Q_OBJECT

public:
    NeedleCharts(const EvaluationRun &run, const EvaluationTableModel &table, QSettings &settings,
                 QWidget *parent = nullptr);

    /// By row of the table.
    [[nodiscard]] const std::map<int, ProbeGridView *> &views() const { return m_views; }
    /// All is drawn.
    [[nodiscard]] bool isSettled() const { return m_waiting.empty(); }

Q_SIGNALS:
    /// Indices into the lengths and depths of the row's task.
    void cellClicked(int row, int length, int depth);

protected:
    std::unique_ptr<FigureGrid> make() override;
    void showRows(const QList<int> &rows) override;
    void showNow() override;
    bool isChoice(std::size_t task) const override;

private:
    void showNext();

    std::map<int, ProbeGridView *> m_views;
    std::set<int> m_waiting; ///< rows whose grids are drawn one at a turn of the event loop
    QTimer m_turn;
};

} // namespace headkv
