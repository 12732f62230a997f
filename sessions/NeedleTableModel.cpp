// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/NeedleTableModel.h"

#include <algorithm>
#include <array>
#include <limits>

namespace headkv {

namespace {

struct ColumnText
{
    const char *title;
    const char *explanation;
};

constexpr std::array<ColumnText, NeedleTableModel::ColumnCount> columns{{
    {"Needle", "The sentences that are hidden in the haystack"},
    {"Question", "What the model is asked at the end of the prompt"},
    {"Answer", "The words of the needle that answer the question, letter by letter"},
    {"Tokens", "Tokens of the needle and of the answer, as the loaded model counts them"},
    {"Check", "What is wrong with the needle, or worth knowing"},
}};

QString problemOf(const Needle &needle)
{
    if (needle.needle.empty())
        return NeedleTableModel::tr("The needle is empty; write the sentences to hide.");
    if (needle.question.empty())
        return NeedleTableModel::tr("The question is empty; write what the model is asked.");
    if (needle.answer.empty())
        return NeedleTableModel::tr("The answer is empty; write the words of the needle that answer.");
    if (needle.needle.find(needle.answer) == std::string::npos)
        return NeedleTableModel::tr("The answer does not occur in the needle; it must stand there letter by letter.");
    return {};
}

QString remarkOf(const Needle &needle)
{
    const std::size_t first = needle.needle.find(needle.answer);
    if (first == std::string::npos || needle.answer.empty())
        return {};
    if (needle.needle.find(needle.answer, first + 1) != std::string::npos)
        return NeedleTableModel::tr("The answer occurs more than once in the needle; the first place counts.");
    if (needle.question.find(needle.answer) != std::string::npos)
        return NeedleTableModel::tr("The question already says the answer.");
    return {};
}

std::string Needle::*member(int column)
{
    return column == NeedleTableModel::NeedleText ? &Needle::needle
           : column == NeedleTableModel::Question ? &Needle::question
                                                  : &Needle::answer;
}

/// The least and the greatest of the counts that are known.
struct Range
{
    int least = std::numeric_limits<int>::max();
    int most = 0;

    void add(int count)
    {
        least = std::min(least, count);
        most = std::max(most, count);
    }
    [[nodiscard]] QString text() const
    {
        return least == most ? QString::number(most) : NeedleTableModel::tr("%1 to %2").arg(least).arg(most);
    }
};

} // namespace

NeedleTableModel::NeedleTableModel(QObject *parent)
    : QAbstractTableModel(parent)
{}

void NeedleTableModel::setNeedles(std::vector<Needle> needles)
{
    beginResetModel();
    m_needles = std::move(needles);
    endResetModel();
}

QString NeedleTableModel::problem() const
{
    if (m_needles.empty())
        return tr("There is no needle; add one.");
    for (std::size_t row = 0; row < m_needles.size(); ++row) {
        const QString problem = problemOf(m_needles[row]);
        if (!problem.isEmpty())
            return tr("Needle %1: %2").arg(row + 1).arg(problem);
    }
    return {};
}

void NeedleTableModel::appendNeedle(const Needle &needle) { insertNeedles(rowCount(), {needle}); }

void NeedleTableModel::insertNeedles(int row, const std::vector<Needle> &needles)
{
    if (needles.empty())
        return;
    row = std::clamp(row, 0, rowCount());
    beginInsertRows({}, row, row + static_cast<int>(needles.size()) - 1);
    m_needles.insert(m_needles.begin() + row, needles.begin(), needles.end());
    endInsertRows();
}

QStringList NeedleTableModel::uncounted() const
{
    QStringList texts;
    for (const Needle &needle : m_needles) {
        for (const std::string &part : {needle.needle, needle.answer}) {
            if (const QString text = QString::fromStdString(part); !m_counts.contains(text))
                texts.append(text);
        }
    }
    texts.removeDuplicates();
    return texts;
}

void NeedleTableModel::addCounts(const TokenCounts &counts)
{
    m_counts.insert(counts);
    if (!m_needles.empty())
        Q_EMIT dataChanged(index(0, Tokens), index(rowCount() - 1, Tokens));
}

void NeedleTableModel::clearCounts()
{
    m_counts.clear();
    addCounts({});
}

QString NeedleTableModel::summary() const
{
    Range ofNeedles, ofAnswers;
    bool known = !m_needles.empty();
    for (const Needle &needle : m_needles) {
        const auto whole = m_counts.constFind(QString::fromStdString(needle.needle));
        const auto answer = m_counts.constFind(QString::fromStdString(needle.answer));
        known = known && whole != m_counts.constEnd() && answer != m_counts.constEnd();
        if (!known)
            break;
        ofNeedles.add(*whole);
        ofAnswers.add(*answer);
    }
    const QString count = m_needles.size() == 1 ? tr("1 needle") : tr("%1 needles").arg(m_needles.size());
    return known ? tr("%1 of %2 tokens, answers of %3").arg(count, ofNeedles.text(), ofAnswers.text()) : count;
}

QString NeedleTableModel::tokensOf(const Needle &needle) const
{
    const auto whole = m_counts.constFind(QString::fromStdString(needle.needle));
    const auto answer = m_counts.constFind(QString::fromStdString(needle.answer));
    if (whole == m_counts.constEnd() || answer == m_counts.constEnd())
        return {};
    return tr("%1 · %2").arg(*whole).arg(*answer);
}

int NeedleTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_needles.size());
}

int NeedleTableModel::columnCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant NeedleTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Needle &needle = m_needles[static_cast<std::size_t>(index.row())];
    const QString problem = problemOf(needle);
    if (role == ProblemRole)
        return problem;
    if (role == RemarkRole)
        return remarkOf(needle);
    const QString verdict = !problem.isEmpty() ? problem : remarkOf(needle);
    if (index.column() == Check) {
        if (role == Qt::DisplayRole || role == Qt::ToolTipRole)
            return verdict.isEmpty() ? tr("Fine") : verdict;
        return {};
    }
    if (index.column() == Tokens) {
        if (role == Qt::DisplayRole)
            return tokensOf(needle);
        if (role == Qt::ToolTipRole)
            return QString::fromUtf8(columns[Tokens].explanation);
        return {};
    }
    const QString text = QString::fromStdString(needle.*member(index.column()));
    if (role == Qt::ToolTipRole)
        return verdict.isEmpty() ? text.trimmed() : verdict;
    if (role == Qt::DisplayRole)
        return text.simplified();
    return role == Qt::EditRole ? QVariant(text) : QVariant();
}

QVariant NeedleTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return QAbstractTableModel::headerData(section, orientation, role);
    const ColumnText &column = columns[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole)
        return QString::fromUtf8(column.title);
    return role == Qt::ToolTipRole ? QVariant(QString::fromUtf8(column.explanation)) : QVariant();
}

Qt::ItemFlags NeedleTableModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    const Qt::ItemFlags plain = QAbstractTableModel::flags(index);
    return index.column() <= Answer ? plain | Qt::ItemIsEditable : plain;
}

bool NeedleTableModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::EditRole ||
        !checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid) ||
        index.column() > Answer)
        return false;
    m_needles[static_cast<std::size_t>(index.row())].*member(index.column()) = value.toString().toStdString();
    // The whole row: its problem depends on every column.
    Q_EMIT dataChanged(this->index(index.row(), 0), this->index(index.row(), ColumnCount - 1));
    return true;
}

bool NeedleTableModel::removeRows(int row, int count, const QModelIndex &parent)
{
    if (parent.isValid() || row < 0 || count < 1 || row + count > rowCount())
        return false;
    beginRemoveRows({}, row, row + count - 1);
    m_needles.erase(m_needles.begin() + row, m_needles.begin() + row + count);
    endRemoveRows();
    return true;
}

} // namespace headkv
