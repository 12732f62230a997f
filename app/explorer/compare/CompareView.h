// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QSettings;
class QTableView;
class QTabWidget;

namespace headkv {

struct ExportItems;
class AccuracyCharts;
class AnswerPanel;
class Chart;
class EfficiencyCharts;
class EvaluationSession;
class EvaluationTableModel;
class NeedleCharts;

/// What an evaluation has found: its table, and under it figures and answers.
class CompareView : public QWidget
{
    Q_OBJECT

public:
    CompareView(const EvaluationSession &evaluation, QSettings &settings, QWidget *parent = nullptr);

    /// The figure of the tab in front. Null: it has none.
    [[nodiscard]] Chart *figure() const;
    [[nodiscard]] bool isSettled() const;
    /// Its figures, brought up to date, and the table.
    [[nodiscard]] ExportItems exportItems();

    [[nodiscard]] EvaluationTableModel *model() const { return m_model; }
    [[nodiscard]] QTableView *table() const { return m_table; }
    [[nodiscard]] QTabWidget *tabs() const { return m_tabs; }
    [[nodiscard]] AccuracyCharts *accuracy() const { return m_accuracy; }
    [[nodiscard]] NeedleCharts *needles() const { return m_needles; }
    [[nodiscard]] EfficiencyCharts *efficiency() const { return m_efficiency; }
    [[nodiscard]] AnswerPanel *answers() const { return m_answers; }

Q_SIGNALS:
    void figureChanged();

private:
    class Rows;

    void buildTable(QSettings &settings);
    void chooseRow();

    const EvaluationSession &m_evaluation;
    EvaluationTableModel *m_model;
    Rows *m_rows;
    QTableView *m_table;
    AccuracyCharts *m_accuracy;
    NeedleCharts *m_needles;
    EfficiencyCharts *m_efficiency;
    AnswerPanel *m_answers;
    QTabWidget *m_tabs;
};

} // namespace headkv
