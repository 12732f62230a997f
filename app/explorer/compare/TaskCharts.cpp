// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/compare/TaskCharts.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/figures/EvaluationFigures.h"
#include "sessions/EvaluationTableModel.h"
#include "widgets/charts/FigureGrid.h"
#include "widgets/theme/Theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>
#include <numeric>

namespace headkv {

TaskCharts::TaskCharts(const EvaluationRun &run, const EvaluationTableModel &table, QSettings &settings,
                       QWidget *parent)
    : QWidget(parent)
    , m_run(run)
    , m_table(table)
    , m_settings(settings)
    , m_top(new QWidget)
    , m_task(new QComboBox)
    , m_note(new QLabel)
    , m_scroll(new QScrollArea)
{
    auto *top = new QHBoxLayout(m_top);
    top->setContentsMargins(0, 0, 0, 0);
    top->addWidget(labelFor(m_task, tr("&Task"), tr("Whose figures are shown")));
    top->addWidget(m_task);
    top->addStretch();
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus); // it follows the focus of its charts
    m_scroll->setWidgetResizable(true);
    m_note->setAlignment(Qt::AlignCenter);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, Theme::spacing, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(m_top);
    layout->addWidget(m_scroll, 1);
    layout->addWidget(m_note, 1);
    connect(m_task, &QComboBox::activated, this, &TaskCharts::rebuild);
    connect(&table, &QAbstractItemModel::modelReset, this, &TaskCharts::begin);
    connect(&table, &EvaluationTableModel::computed, this, [this](const QList<int> &rows) {
        if (isVisible())
            showRows(rows);
        else
            m_isStale = true;
    });
}

void TaskCharts::begin()
{
    m_task->clear();
    for (std::size_t task = 0; task < m_run.tasks.size(); ++task) {
        if (isChoice(task))
            m_task->addItem(taskName(m_run.tasks[task]), QVariant::fromValue(task));
    }
    m_top->setVisible(m_task->count() > 1);
    rebuild();
}

void TaskCharts::rebuild()
{
    auto figure = make();
    m_figure = figure.get();
    m_scroll->setWidget(figure.release()); // which deletes the old one
    if (m_figure)
        addMenu(m_figure);
    m_scroll->setVisible(m_figure != nullptr);
    m_note->setVisible(!m_figure);
    m_note->setText(m_run.tasks.empty() ? QString() : tr("None of the tasks is a grid of lengths and depths."));
    m_isStale = true;
    if (isVisible())
        showAll();
}

void TaskCharts::addMenu(Chart *chart) { enableChartMenu(chart, m_settings, this); }

std::size_t TaskCharts::task() const { return m_task->currentData().value<std::size_t>(); }

const std::vector<EvaluationRow> &TaskCharts::rows() const { return m_table.rows(); }

void TaskCharts::showAll()
{
    m_isStale = false;
    QList<int> all(static_cast<qsizetype>(m_table.rows().size()));
    std::iota(all.begin(), all.end(), 0);
    showRows(all);
}

void TaskCharts::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_isStale)
        showAll();
}

void TaskCharts::bringUpToDate()
{
    if (m_isStale)
        showAll();
    showNow();
}

Chart *TaskCharts::figure() const { return m_figure; }

} // namespace headkv
