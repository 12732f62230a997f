// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/HeadTableModel.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace headkv {

namespace {

constexpr std::array<const char *, HeadTableModel::FirstOther> titles{
    "Layer", "Head", "Score", "± s.e.", "95 % of scores", "Share", "Rank", "95 % of ranks"};
constexpr std::array<const char *, HeadTableModel::FirstOther> tips{
    "Counted from 0",
    "Counted from 0",
    "Mean over the passed cases",
    "Standard error of the mean: how far it may lie from the mean of endlessly many such cases",
    "Bootstrap interval: where 95 % of the means lie when cases are drawn anew from these",
    "Of the sum over all heads",
    "1 is the largest score; ties by layer, then head",
    "Bootstrap interval: where 95 % of the ranks lie when cases are drawn anew from these"};
constexpr int columnsOfOther = 2; ///< score and rank

QVariant number(double value, int decimals, int role, const char *unit = "")
{
    return role == Qt::DisplayRole ? QVariant(QString::number(value, 'f', decimals) + QString::fromUtf8(unit))
                                   : QVariant(value);
}

QVariant range(const ValueInterval &interval, int decimals, int role)
{
    return role == Qt::DisplayRole
               ? QVariant(
                     QStringLiteral("%1 – %2").arg(interval.low, 0, 'f', decimals).arg(interval.high, 0, 'f', decimals))
               : QVariant(interval.low);
}

} // namespace

HeadTableModel::HeadTableModel(QObject *parent)
    : QAbstractTableModel(parent)
{}

void HeadTableModel::setSets(const std::vector<HeadTableSet> &sets, const QString &headTitle)
{
    std::vector<HeadTableSet> shown = sets;
    std::erase_if(shown, [&sets](const HeadTableSet &set) {
        return set.scores->layers != sets.front().scores->layers || set.scores->heads != sets.front().scores->heads;
    });
    const bool sameRows = headTitle == m_headTitle && !shown.empty() &&
                          std::ranges::equal(shown, m_sets, {}, &HeadTableSet::scores, &HeadTableSet::scores) &&
                          std::ranges::equal(shown, m_sets, {}, &HeadTableSet::name, &HeadTableSet::name);
    if (sameRows) { // statistics have come: what is selected stays
        m_sets = std::move(shown);
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        return;
    }
    beginResetModel();
    m_sets = std::move(shown);
    m_headTitle = headTitle;
    endResetModel();
}

int HeadTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || m_sets.empty() ? 0 : static_cast<int>(m_sets.front().scores->headCount());
}

int HeadTableModel::columnCount(const QModelIndex &parent) const
{
    const int others = m_sets.empty() ? 0 : static_cast<int>(m_sets.size()) - 1;
    return parent.isValid() ? 0 : FirstOther + columnsOfOther * others;
}

QVariant HeadTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != SortRole)
        return {};
    const auto head = static_cast<std::size_t>(index.row());
    if (index.column() < FirstOther)
        return own(head, index.column(), role);
    const int other = index.column() - FirstOther;
    const HeadScoreSummary &summary = *m_sets[static_cast<std::size_t>(1 + other / columnsOfOther)].summary;
    return other % columnsOfOther == 0 ? number(summary.means[head], 4, role) : QVariant(summary.ranks[head]);
}

QVariant HeadTableModel::own(std::size_t head, int column, int role) const
{
    const HeadTableSet &set = m_sets.front();
    const bool hasIntervals = set.statistics && !set.statistics->intervals.means.empty();
    switch (column) {
    case Layer:
        return static_cast<int>(head) / set.scores->heads;
    case Head:
        return static_cast<int>(head) % set.scores->heads;
    case Score:
        return number(set.summary->means[head], 4, role);
    case StandardError:
        return number(set.summary->standardErrors[head], 4, role);
    case Interval:
        return hasIntervals ? range(set.statistics->intervals.means[head], 4, role) : QVariant();
    case Share:
        return number(100 * set.summary->shares[head], 2, role, " %");
    case Rank:
        return set.summary->ranks[head];
    case RankInterval:
        return hasIntervals ? range(set.statistics->intervals.ranks[head], 0, role) : QVariant();
    default:
        return {};
    }
}

QVariant HeadTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || (role != Qt::DisplayRole && role != Qt::ToolTipRole) || section < 0 ||
        section >= columnCount())
        return QAbstractTableModel::headerData(section, orientation, role);
    if (section < FirstOther) {
        const auto column = static_cast<std::size_t>(section);
        if (role == Qt::ToolTipRole)
            return QString::fromUtf8(tips[column]);
        return section == Head && !m_headTitle.isEmpty() ? m_headTitle : QString::fromUtf8(titles[column]);
    }
    const int other = section - FirstOther;
    const QString &name = m_sets[static_cast<std::size_t>(1 + other / columnsOfOther)].name;
    return (other % columnsOfOther == 0 ? QStringLiteral("Score in %1") : QStringLiteral("Rank in %1")).arg(name);
}

} // namespace headkv
