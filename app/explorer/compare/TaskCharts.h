// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/EvaluationSummary.h"

#include <QWidget>
#include <vector>

class QComboBox;
class QHBoxLayout;
class QLabel;
class QScrollArea;
class QSettings;

namespace headkv {

class Chart;
class EvaluationTableModel;
class FigureGrid;

/// Figures of an evaluation's rows, which follow them while they are seen; those of a task are chosen by a box. What
/// kind of figures, the classes say that derive from it.
class TaskCharts : public QWidget
{
    Q_OBJECT

public:
    TaskCharts(const EvaluationRun &run, const EvaluationTableModel &table, QSettings &settings,
               QWidget *parent = nullptr);

    /// All of it as one figure. Null: there is none yet.
    [[nodiscard]] Chart *figure() const;
    /// Shows what has changed while it was not seen.
    void bringUpToDate();
    [[nodiscard]] QComboBox *taskBox() const { return m_task; }

protected:
    void showEvent(QShowEvent *event) override;

    /// Makes the figure; null where the tasks have none.
    [[nodiscard]] virtual std::unique_ptr<FigureGrid> make() = 0;
    /// Shows what rows have become.
    virtual void showRows(const QList<int> &rows) = 0;
    /// Shows at once what showRows() has put off.
    virtual void showNow() {}
    /// Whether a figure is of one task, and can be of this one. Where no task needs a choice there is no box.
    [[nodiscard]] virtual bool isChoice(std::size_t task) const = 0;
    /// Gives a chart of the figure its menu.
    void addMenu(Chart *chart);

    [[nodiscard]] std::size_t task() const;
    [[nodiscard]] const EvaluationRun &run() const { return m_run; }
    [[nodiscard]] const std::vector<EvaluationRow> &rows() const;

private:
    void begin();
    void rebuild();
    void showAll();

    const EvaluationRun &m_run;
    const EvaluationTableModel &m_table;
    QSettings &m_settings;
    QWidget *m_top;
    QComboBox *m_task;
    QLabel *m_note;
    QScrollArea *m_scroll;
    FigureGrid *m_figure = nullptr; ///< in the scroll area
    bool m_isStale = false;         ///< rows have changed since it was seen
};

} // namespace headkv
