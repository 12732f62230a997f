// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/CaseTableModel.h"

#include "sessions/ProbeSession.h"

#include <array>

namespace headkv {

namespace {

struct ColumnText
{
    const char *title;
    const char *explanation;
};

constexpr std::array<ColumnText, CaseTableModel::ColumnCount> columns{{
    {"Needle", "The sentence hidden in the haystack"},
    {"Length", "Tokens of haystack and needle"},
    {"Depth", "Where the needle lies: 0 is the beginning, 1 the end"},
    {"Answer", "What the model wrote"},
    {"ROUGE-1", "Share of the expected answer's words that the model's answer has, of 100"},
    {"F1", "Overlap of words with the expected answer, of 100"},
    {"Passed", "Whether the case counts: its answer passed the filter"},
    {"Seconds", "Time that the case took"},
}};

} // namespace

CaseTableModel::CaseTableModel(const ProbeSession &probe, QObject *parent)
    : QAbstractTableModel(parent)
    , m_probe(probe)
{
    m_rows = static_cast<int>(probe.results().size());
    for (const auto signal : {&ProbeSession::started, &ProbeSession::cleared})
        connect(&probe, signal, this, &CaseTableModel::reset);
    connect(&probe, &ProbeSession::caseDone, this, &CaseTableModel::appendRow);
}

void CaseTableModel::reset()
{
    beginResetModel();
    m_rows = static_cast<int>(m_probe.results().size());
    endResetModel();
}

void CaseTableModel::appendRow()
{
    beginInsertRows({}, m_rows, m_rows);
    ++m_rows;
    endInsertRows();
}

int CaseTableModel::rowCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : m_rows; }

int CaseTableModel::columnCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant CaseTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const ProbeCaseResult &result = *m_probe.results()[static_cast<std::size_t>(index.row())];
    const ProbeCase &item = (*m_probe.cases())[result.index];
    if (role == PassedRole)
        return result.passed;
    if (role == CaseIndexRole)
        return static_cast<qulonglong>(result.index);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(index.column() == Needle || index.column() == Answer
                                       ? Qt::AlignLeft | Qt::AlignVCenter
                                       : Qt::AlignRight | Qt::AlignVCenter);
    const bool text =
        role == Qt::DisplayRole || (role == Qt::ToolTipRole && (index.column() == Needle || index.column() == Answer));
    if (!text && role != SortRole)
        return {};
    const auto number = [text](double value, int decimals) {
        return text ? QVariant(QString::number(value, 'f', decimals)) : QVariant(value);
    };
    switch (index.column()) {
    case Needle:
        return QString::fromStdString(m_probe.settings()->needles[item.needleIndex].needle).simplified();
    case Length:
        return item.length;
    case Depth:
        return number(item.depth, 2);
    case Answer:
        return QString::fromStdString(result.text).simplified();
    case Rouge:
        return number(result.rouge1Recall, 0);
    case F1:
        return number(result.f1, 0);
    case Passed:
        return text ? QVariant(result.passed ? tr("yes") : tr("no")) : QVariant(result.passed);
    case Seconds:
        return number(result.seconds, 2);
    default:
        return {};
    }
}

QVariant CaseTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return QAbstractTableModel::headerData(section, orientation, role);
    if (role == Qt::DisplayRole)
        return QString::fromUtf8(columns[static_cast<std::size_t>(section)].title);
    return role == Qt::ToolTipRole ? QVariant(QString::fromUtf8(columns[static_cast<std::size_t>(section)].explanation))
                                   : QVariant();
}

} // namespace headkv
