// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/HeadTableModel.h"

#include <array>

namespace headkv {

namespace {

constexpr std::array<const char *, HeadTableModel::ColumnCount> titles{"Layer",  "Head",  "Score",
                                                                       "± s.e.", "Share", "Rank"};

} // namespace

HeadTableModel::HeadTableModel(QObject *parent)
    : QAbstractTableModel(parent)
{}

void HeadTableModel::setScores(std::shared_ptr<const HeadScores> scores,
                               std::shared_ptr<const HeadScoreSummary> summary)
{
    beginResetModel();
    m_scores = std::move(scores);
    m_summary = m_scores ? std::move(summary) : nullptr;
    endResetModel();
}

int HeadTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_summary ? 0 : static_cast<int>(m_scores->headCount());
}

int HeadTableModel::columnCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant HeadTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != SortRole)
        return {};
    const auto i = static_cast<std::size_t>(index.row());
    const auto number = [role](double value, int decimals, const char *unit = "") {
        return role == Qt::DisplayRole ? QVariant(QString::number(value, 'f', decimals) + QString::fromUtf8(unit))
                                       : QVariant(value);
    };
    switch (index.column()) {
    case Layer:
        return index.row() / m_scores->heads;
    case Head:
        return index.row() % m_scores->heads;
    case Score:
        return number(m_summary->means[i], 4);
    case StandardError:
        return number(m_summary->standardErrors[i], 4);
    case Share:
        return number(100 * m_summary->shares[i], 2, " %");
    case Rank:
        return m_summary->ranks[i];
    default:
        return {};
    }
}

QVariant HeadTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= ColumnCount)
        return QAbstractTableModel::headerData(section, orientation, role);
    return QString::fromUtf8(titles[static_cast<std::size_t>(section)]);
}

} // namespace headkv
