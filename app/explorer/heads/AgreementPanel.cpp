// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/AgreementPanel.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/TableCopy.h"
#include "widgets/Formats.h"
#include "widgets/charts/LineChart.h"
#include "widgets/theme/Theme.h"

#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>

namespace headkv {

namespace {

/// Overlap at each k, in one pass: who is in both tops so far.
LineSeries overlapCurve(const QString &name, const HeadScoreComparison &comparison)
{
    LineSeries line;
    line.name = name;
    const std::size_t heads = comparison.firstOrder.size();
    std::vector<bool> seen(heads, false);
    double common = 0;
    const auto meet = [&](std::size_t head) {
        common += seen[head] ? 1 : 0;
        seen[head] = true;
    };
    for (std::size_t k = 1; k <= heads; ++k) {
        meet(comparison.firstOrder[k - 1]);
        meet(comparison.secondOrder[k - 1]);
        line.x.push_back(static_cast<double>(k));
        line.y.push_back(common / static_cast<double>(k));
    }
    return line;
}

QTableWidgetItem *numberItem(double value, int decimals)
{
    auto *item = new QTableWidgetItem(QString::number(value, 'f', decimals));
    item->setData(Qt::UserRole, value);
    item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    return item;
}

} // namespace

AgreementPanel::AgreementPanel(QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_chart(named(new LineChart, tr("Share of the top heads that two sets have in common, by their number")))
    , m_table(named(new QTableWidget, tr("Rank correlation and overlap of the top heads")))
    , m_hint(new QLabel)
{
    m_chart->setTitle(tr("Top heads in common"));
    m_chart->setAxes(tr("Top heads of each set"), AxisKind::LogNumber, tr("In common"), AxisKind::Percent);
    m_chart->setYRange(0, 1.02);
    QStringList titles{tr("Sets"), tr("Spearman"), tr("Pearson")};
    for (const std::size_t k : overlapCounts)
        titles << (k == overlapCounts.front() ? tr("Top %1").arg(k) : QString::number(k));
    m_table->setColumnCount(static_cast<int>(titles.size()));
    m_table->setHorizontalHeaderLabels(titles);
    m_table->horizontalHeaderItem(1)->setToolTip(tr("Of the ranks: 1 where both sets order the heads alike"));
    m_table->horizontalHeaderItem(2)->setToolTip(tr("Of the mean scores"));
    for (int column = 3; column < m_table->columnCount(); ++column)
        m_table->horizontalHeaderItem(column)->setToolTip(tr("Share of so many top heads that both sets have"));
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->verticalHeader()->hide();
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false);
    m_table->setMaximumHeight(150);
    m_hint->setWordWrap(true);
    m_hint->setAlignment(Qt::AlignCenter);
    m_hint->setForegroundRole(QPalette::PlaceholderText);
    enableChartMenu(m_chart, settings, this);
    enableTableCopy(m_table, settings, tr("agreement"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(m_chart, 1);
    layout->addWidget(m_table);
    layout->addWidget(m_hint, 1);
}

void AgreementPanel::show(const std::vector<ShownSet> &sets)
{
    m_table->setRowCount(0);
    m_chart->setSeries({});
    bool differs = false;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        for (std::size_t j = i + 1; j < sets.size(); ++j) {
            if (sets[i].hasShapeOf(sets[j]))
                addPair(sets[i], sets[j]);
            else
                differs = true;
        }
    }
    const bool any = m_table->rowCount() > 0;
    m_chart->setVisible(any);
    m_table->setVisible(any);
    m_hint->setVisible(!any);
    m_hint->setText(differs ? tr("The chosen sets have different shapes: their heads do not stand for one another.")
                            : tr("Choose a second set above, beside the first, to see what the two have in common."));
}

void AgreementPanel::addPair(const ShownSet &first, const ShownSet &second)
{
    const HeadScoreComparison comparison = compare(*first.scores, *second.scores);
    const QString name = tr("%1 and %2").arg(first.name, second.name);
    const int row = m_table->rowCount();
    m_table->insertRow(row);
    m_table->setItem(row, 0, new QTableWidgetItem(name));
    m_table->setItem(row, 1, numberItem(comparison.spearman, 3));
    m_table->setItem(row, 2, numberItem(comparison.pearson, 3));
    for (std::size_t i = 0; i < overlapCounts.size(); ++i) {
        const double overlap = comparison.topOverlap(overlapCounts[i]);
        m_table->setItem(row, static_cast<int>(3 + i), numberItem(overlap, 2));
    }
    std::vector<LineSeries> lines = m_chart->series();
    lines.push_back(overlapCurve(name, comparison));
    m_chart->setSeries(std::move(lines));
}

QString AgreementPanel::summary(const std::vector<ShownSet> &sets)
{
    if (sets.size() < 2 || !sets[0].hasShapeOf(sets[1]))
        return {};
    const HeadScoreComparison comparison = compare(*sets[0].scores, *sets[1].scores);
    QStringList counts, overlaps;
    for (const std::size_t k : overlapCounts) {
        counts << QString::number(k);
        overlaps << QString::number(100 * comparison.topOverlap(k), 'f', 0);
    }
    const QString slash = QStringLiteral(" / ");
    return tr("%1 and %2: Spearman %3; of the top %4 they share %5 %")
        .arg(sets[0].name, sets[1].name, QString::number(comparison.spearman, 'f', 3), counts.join(slash),
             overlaps.join(slash));
}

} // namespace headkv
