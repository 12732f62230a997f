// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/compare/CompareView.h"

#include "app/explorer/common/FolderExport.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/TableCopy.h"
#include "app/explorer/compare/AccuracyCharts.h"
#include "app/explorer/compare/AnswerPanel.h"
#include "app/explorer/compare/EfficiencyCharts.h"
#include "app/explorer/compare/NeedleCharts.h"
#include "app/figures/EvaluationFigures.h"
#include "sessions/EvaluationSession.h"
#include "sessions/EvaluationTableModel.h"
#include "widgets/charts/FigureGrid.h"

#include <QEvent>
#include <QFont>
#include <QHeaderView>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <array>

namespace headkv {

/// Sorts the rows, and gives methods their colours and the best of a budget a bold face.
class CompareView::Rows : public QSortFilterProxyModel
{
public:
    Rows(const EvaluationTableModel &model, const EvaluationRun &run, QWidget *view)
        : QSortFilterProxyModel(view)
        , m_model(model)
        , m_run(run)
        , m_view(view)
    {
        setSortRole(EvaluationTableModel::SortRole);
    }

    QVariant data(const QModelIndex &index, int role) const override
    {
        if (role == Qt::DecorationRole && index.column() == EvaluationTableModel::Method) {
            const EvaluationRow &row = m_model.rows()[static_cast<std::size_t>(mapToSource(index).row())];
            return ChartStyle::fromPalette(m_view->palette()).seriesColor(colorKey(m_run, m_run.variants[row.variant]));
        }
        if (role == Qt::FontRole && index.data(EvaluationTableModel::BestRole).toBool()) {
            QFont font = m_view->font();
            font.setBold(true);
            return font;
        }
        return QSortFilterProxyModel::data(index, role);
    }

private:
    const EvaluationTableModel &m_model;
    const EvaluationRun &m_run;
    QWidget *m_view;
};

CompareView::CompareView(const EvaluationSession &evaluation, QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_evaluation(evaluation)
    , m_model(new EvaluationTableModel(evaluation, this))
    , m_rows(new Rows(*m_model, evaluation.run(), this))
    , m_table(named(new QTableView, tr("Results"), {}))
    , m_accuracy(new AccuracyCharts(evaluation.run(), *m_model, settings))
    , m_needles(new NeedleCharts(evaluation.run(), *m_model, settings))
    , m_efficiency(new EfficiencyCharts(evaluation.run(), *m_model, settings))
    , m_answers(new AnswerPanel(evaluation, settings))
    , m_tabs(new QTabWidget)
{
    buildTable(settings);
    m_tabs->setDocumentMode(true);
    m_tabs->tabBar()->setAccessibleName(tr("Views of the results"));
    m_tabs->addTab(m_accuracy, tr("Accuracy"));
    m_tabs->addTab(m_needles, tr("Grids"));
    m_tabs->addTab(m_efficiency, tr("Efficiency"));
    m_tabs->addTab(m_answers, tr("Answers"));
    auto *split = new QSplitter(Qt::Vertical);
    split->addWidget(m_table);
    split->addWidget(m_tabs);
    split->setStretchFactor(0, 2);
    split->setStretchFactor(1, 3);
    split->setSizes({270, 400});
    split->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(split);
    connect(m_tabs, &QTabWidget::currentChanged, this, &CompareView::figureChanged);
    connect(m_model, &EvaluationTableModel::computed, this, &CompareView::figureChanged);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &CompareView::chooseRow);
    connect(m_table, &QTableView::clicked, this, &CompareView::chooseRow);
    connect(m_table, &QTableView::activated, this, [this] { m_tabs->setCurrentWidget(m_answers); });
    connect(m_needles, &NeedleCharts::cellClicked, this, [this](int row, int length, int depth) {
        const EvaluationRow &own = m_model->rows()[static_cast<std::size_t>(row)];
        m_answers->choose({own.task, own.variant, static_cast<std::size_t>(length), static_cast<std::size_t>(depth)});
        m_tabs->setCurrentWidget(m_answers);
    });
}

void CompareView::buildTable(QSettings &settings)
{
    m_rows->setSourceModel(m_model);
    m_table->setModel(m_rows);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->setIconSize({12, 12});
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(24);
    QHeaderView *header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setMinimumSectionSize(36);
    header->setStyleSheet(QStringLiteral("QHeaderView::section { padding: 4px; }")); // many columns, of short numbers
    const std::array<int, EvaluationTableModel::ColumnCount> widths{74, 120, 54, 50, 98, 56, 46, 68, 50, 54, 66, 54};
    for (int column = 0; column < EvaluationTableModel::ColumnCount; ++column)
        m_table->setColumnWidth(column, widths[static_cast<std::size_t>(column)]);
    header->setSectionResizeMode(EvaluationTableModel::Method, QHeaderView::Stretch);
    enableTableCopy(m_table, settings, QStringLiteral("evaluation"));
}

void CompareView::chooseRow()
{
    const QModelIndexList chosen = m_table->selectionModel()->selectedRows();
    if (chosen.size() != 1)
        return m_answers->choose({});
    const EvaluationRow &row = m_model->rows()[static_cast<std::size_t>(m_rows->mapToSource(chosen.front()).row())];
    m_answers->choose({row.task, row.variant, {}, {}});
}

Chart *CompareView::figure() const
{
    const auto *charts = qobject_cast<TaskCharts *>(m_tabs->currentWidget());
    return charts ? charts->figure() : nullptr;
}

ExportItems CompareView::exportItems()
{
    ExportItems items;
    const auto add = [&items](TaskCharts *charts, const QString &name) {
        charts->bringUpToDate();
        items.add(charts->figure(), name);
    };
    add(m_accuracy, tr("Score against budget"));
    add(m_needles, tr("Needle grids"));
    add(m_efficiency, tr("Efficiency"));
    items.add(QStringLiteral("results.csv"), [this] { return tableText(*m_model, false); });
    return items;
}

bool CompareView::isSettled() const { return m_model->isSettled() && m_needles->isSettled(); }

} // namespace headkv
