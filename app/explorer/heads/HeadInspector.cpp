// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/HeadInspector.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/ScoreData.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/theme/Theme.h"

#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace headkv {

HeadInspector::HeadInspector(const Session &session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_list(named(new QListWidget, tr("Pinned heads"), tr("Numbered as on the heatmap")))
    , m_hint(new QLabel(tr("Click a head on the heatmap to pin it here.")))
    , m_figures(buildFigures())
{
    m_hint->setWordWrap(true);
    m_list->setMaximumHeight(112);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(Theme::spacing, Theme::spacing, Theme::spacing, Theme::spacing);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(m_hint);
    layout->addWidget(m_list);
    layout->addWidget(m_figures, 1);
    layout->addStretch();
    setMinimumWidth(250);
    connect(m_list, &QListWidget::currentRowChanged, this, &HeadInspector::showHead);
    show({}, -1, {});
}

QWidget *HeadInspector::buildFigures()
{
    auto *figures = new QWidget;
    auto *layout = new QVBoxLayout(figures);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    auto *form = new QFormLayout;
    form->setSpacing(Theme::spacing);
    const auto row = [form](const QString &text, const QString &tip) {
        auto *value = new QLabel;
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        value->setWordWrap(true);
        form->addRow(labelFor(value, text, tip), value);
        return value;
    };
    m_score = row(tr("Score"), tr("Mean over the passed cases, ± its standard error"));
    m_interval =
        row(tr("95 % interval"), tr("Bootstrap: where 95 % of the means lie when cases are drawn anew from these"));
    m_share = row(tr("Share"), tr("Of the sum over all heads"));
    m_rank = row(tr("Rank"),
                 tr("1 is the largest score; in brackets where 95 % of the ranks lie when cases are drawn anew"));
    m_spread = row(tr("Cases"), tr("Least, median and greatest score over the cases"));
    m_ranks = row(tr("Other sets"), tr("Rank of this head in the other score sets of this shape"));
    layout->addLayout(form);
    QPushButton *unpin = iconButton(QStringLiteral("unpin"), tr("Unpin"), tr("Take this head's pin away"));
    layout->addWidget(unpin, 0, Qt::AlignLeft);
    m_casesTitle = heading(tr("Mean score by length and depth"));
    m_cases = named(new QTableWidget, tr("Mean score by length and depth"),
                    tr("Columns are lengths in tokens, rows are depths"));
    m_cases->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_cases->setTabKeyNavigation(false);
    m_cases->verticalHeader()->setDefaultSectionSize(24);
    layout->addWidget(m_casesTitle);
    layout->addWidget(m_cases, 1);
    layout->addStretch();
    m_cases->horizontalHeader()->setDefaultSectionSize(64);
    m_cases->setMinimumHeight(160);
    connect(unpin, &QPushButton::clicked, this, [this] {
        if (const int current = m_list->currentRow(); current >= 0)
            Q_EMIT unpinRequested(m_pins[current]);
    });
    return figures;
}

void HeadInspector::show(std::vector<ShownSet> sets, int own, const std::vector<HeadCell> &pins)
{
    const int before = m_list->currentRow();
    const HeadCell chosen = before >= 0 && pins.size() <= m_pins.size() ? m_pins[before] : HeadCell{};
    m_sets = std::move(sets);
    m_own = own;
    m_pins = pins;
    {
        const QSignalBlocker quiet(m_list);
        m_list->clear();
        const bool grouped = own >= 0 && m_sets[static_cast<std::size_t>(own)].groupSize > 1;
        const QString text = grouped ? tr("%1   Layer %2, KV group %3") : tr("%1   Layer %2, head %3");
        for (std::size_t i = 0; i < pins.size(); ++i)
            m_list->addItem(text.arg(i + 1).arg(pins[i].layer).arg(pins[i].head));
        const auto found = std::find(pins.begin(), pins.end(), chosen);
        m_list->setCurrentRow(static_cast<int>(found != pins.end() ? found - pins.begin()
                                                                   : static_cast<std::ptrdiff_t>(pins.size()) - 1));
    }
    m_hint->setVisible(pins.empty());
    m_list->setVisible(!pins.empty());
    showHead();
}

void HeadInspector::showHead()
{
    const int row = m_list->currentRow();
    const ShownSet *set = m_own >= 0 ? &m_sets[static_cast<std::size_t>(m_own)] : nullptr;
    const bool valid =
        row >= 0 && set && m_pins[row].layer < set->scores->layers && m_pins[row].head < set->scores->heads;
    m_figures->setVisible(valid);
    if (!valid)
        return;
    const HeadCell head = m_pins[row];
    const std::size_t index = set->scores->index(head.layer, head.head);
    m_score->setText(
        tr("%1 ± %2").arg(formatScore(set->summary->means[index]), formatScore(set->summary->standardErrors[index])));
    m_share->setText(formatPercent(set->summary->shares[index]));
    QString rank =
        tr("%1 of %2")
            .arg(formatCount(set->summary->ranks[index]), formatCount(static_cast<qint64>(set->scores->headCount())));
    m_interval->setText(tr("being computed"));
    if (set->statistics && !set->statistics->intervals.means.empty()) {
        const ValueInterval &mean = set->statistics->intervals.means[index];
        const ValueInterval &place = set->statistics->intervals.ranks[index];
        m_interval->setText(tr("%1 – %2").arg(formatScore(mean.low), formatScore(mean.high)));
        rank +=
            tr(" (%1 – %2)")
                .arg(formatCount(std::lround(std::floor(place.low))), formatCount(std::lround(std::ceil(place.high))));
    }
    m_rank->setText(rank);
    const std::vector<double> &values = set->scores->values[index];
    m_spread->setText(tr("%2 / %3 / %4 over %1")
                          .arg(formatCount(static_cast<qint64>(values.size())), formatScore(percentile(values, 0)),
                               formatScore(percentile(values, 50)), formatScore(percentile(values, 100))));
    showRanks(head);
    showCases(head);
}

QStringList HeadInspector::figures() const
{
    return {m_score->text(), m_interval->text(), m_share->text(), m_rank->text(), m_spread->text(), m_ranks->text()};
}

void HeadInspector::showRanks(HeadCell head)
{
    QStringList lines;
    const ShownSet &own = m_sets[static_cast<std::size_t>(m_own)];
    const std::size_t index = own.scores->index(head.layer, head.head);
    for (const ShownSet &set : m_sets) {
        if (set.index != own.index && set.hasShapeOf(own))
            lines.append(
                tr("%1: rank %2, score %3")
                    .arg(set.name, formatCount(set.summary->ranks[index]), formatScore(set.summary->means[index])));
    }
    m_ranks->setText(lines.isEmpty() ? tr("none") : lines.join(QLatin1Char('\n')));
}

void HeadInspector::showCases(HeadCell head)
{
    const ShownSet &own = m_sets[static_cast<std::size_t>(m_own)];
    const std::optional<HeadByCase> byCase = scoresByCase(m_session, own.index, head, own.groupSize);
    m_casesTitle->setVisible(byCase.has_value());
    m_cases->setVisible(byCase.has_value());
    if (!byCase)
        return;
    const auto columns = static_cast<int>(byCase->lengths.size());
    const auto rows = static_cast<int>(byCase->depths.size());
    m_cases->setColumnCount(columns);
    m_cases->setRowCount(rows);
    for (int column = 0; column < columns; ++column) {
        m_cases->setHorizontalHeaderItem(column, new QTableWidgetItem(formatTokens(byCase->lengths[column])));
        for (int row = 0; row < rows; ++row) {
            m_cases->setVerticalHeaderItem(row, new QTableWidgetItem(formatPercent(byCase->depths[row])));
            auto *item =
                new QTableWidgetItem(formatScore(byCase->means[static_cast<std::size_t>(column) * rows + row]));
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_cases->setItem(row, column, item);
        }
    }
}

} // namespace headkv
