// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/AnswerTableModel.h"

#include "core/evaluation/EvaluationNames.h"
#include "sessions/EvaluationSession.h"

#include <array>

namespace headkv {

namespace {

struct ColumnText
{
    const char *title;
    const char *explanation;
};

constexpr std::array<ColumnText, AnswerTableModel::ColumnCount> columns{{
    {"Task", "What was asked: needles in a haystack, or a dataset of documents"},
    {"Case", "The needle with its length and depth, or the line of the file"},
    {"Method", "How the cache was compressed, and by which score set"},
    {"Budget", "Tokens that a head keeps on average, the window's included"},
    {"Right answer", "What the answer is held against; the first, where several are right"},
    {"Answer", "What the model wrote"},
    {"Score", "0 to 100, by the task's metric"},
}};

} // namespace

AnswerTableModel::AnswerTableModel(const EvaluationSession &evaluation, QObject *parent)
    : QAbstractTableModel(parent)
    , m_evaluation(evaluation)
    , m_rows(static_cast<int>(evaluation.run().results.size()))
{
    connect(&evaluation, &EvaluationSession::started, this, &AnswerTableModel::reset);
    connect(&evaluation, &EvaluationSession::answered, this, &AnswerTableModel::append);
}

void AnswerTableModel::reset()
{
    beginResetModel();
    m_rows = static_cast<int>(m_evaluation.run().results.size());
    endResetModel();
}

void AnswerTableModel::append()
{
    const auto rows = static_cast<int>(m_evaluation.run().results.size());
    if (rows <= m_rows)
        return;
    beginInsertRows({}, m_rows, rows - 1);
    m_rows = rows;
    endInsertRows();
}

int AnswerTableModel::rowCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : m_rows; }

int AnswerTableModel::columnCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant AnswerTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const int column = index.column();
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((column == Budget || column == Score ? Qt::AlignRight : Qt::AlignLeft) |
                                   Qt::AlignVCenter);
    const bool shown = role == Qt::DisplayRole;
    const bool isTip = role == Qt::ToolTipRole && (column == Case || column == Expected || column == Answer);
    if (!shown && !isTip && role != SortRole)
        return {};
    const EvaluationRun &run = m_evaluation.run();
    const EvaluationResult &result = run.results[static_cast<std::size_t>(index.row())];
    const EvaluationTask &task = run.tasks[result.task];
    const EvaluationCase &item = task.cases[result.item];
    const EvaluationVariant &variant = run.variants[result.variant];
    switch (column) {
    case Task:
        return QString::fromStdString(displayName(task));
    case Case:
        return QString::fromStdString(item.name);
    case Method:
        return QString::fromStdString(displayName(variant));
    case Budget:
        return variant.hasBudget() ? QVariant(variant.compression.budget)
               : shown             ? QVariant(QStringLiteral("\u2013"))
                                   : QVariant();
    case Expected:
        return item.answers.empty() ? QString() : QString::fromStdString(item.answers.front()).simplified();
    case Answer:
        return QString::fromStdString(result.text).simplified();
    case Score:
        return shown ? QVariant(QString::number(result.score, 'f', 0)) : QVariant(result.score);
    default:
        return {};
    }
}

QVariant AnswerTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return QAbstractTableModel::headerData(section, orientation, role);
    const ColumnText &column = columns[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole)
        return QString::fromUtf8(column.title);
    return role == Qt::ToolTipRole ? QVariant(QString::fromUtf8(column.explanation)) : QVariant();
}

} // namespace headkv
