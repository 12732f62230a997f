// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/NeedleTableModel.h"

#include <array>

namespace headkv {

namespace {

constexpr std::array<const char *, NeedleTableModel::ColumnCount> titles{"Needle", "Question", "Answer"};

QString problemOf(const Needle &needle)
{
    if (needle.needle.empty() || needle.question.empty() || needle.answer.empty())
        return NeedleTableModel::tr("A needle has three texts: needle, question and answer.");
    if (needle.needle.find(needle.answer) == std::string::npos)
        return NeedleTableModel::tr("The answer does not occur in the needle; it must stand there letter by letter.");
    return {};
}

std::string Needle::*member(int column)
{
    return column == NeedleTableModel::NeedleText ? &Needle::needle
           : column == NeedleTableModel::Question ? &Needle::question
                                                  : &Needle::answer;
}

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

void NeedleTableModel::appendNeedle(const Needle &needle)
{
    const int row = static_cast<int>(m_needles.size());
    beginInsertRows({}, row, row);
    m_needles.push_back(needle);
    endInsertRows();
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
    const QString text = QString::fromStdString(needle.*member(index.column()));
    if (role == ProblemRole)
        return problemOf(needle);
    if (role == Qt::ToolTipRole)
        return problemOf(needle).isEmpty() ? text.trimmed() : problemOf(needle);
    if (role == Qt::DisplayRole)
        return text.simplified();
    return role == Qt::EditRole ? QVariant(text) : QVariant();
}

QVariant NeedleTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= ColumnCount)
        return QAbstractTableModel::headerData(section, orientation, role);
    return QString::fromUtf8(titles[static_cast<std::size_t>(section)]);
}

Qt::ItemFlags NeedleTableModel::flags(const QModelIndex &index) const
{
    return index.isValid() ? QAbstractTableModel::flags(index) | Qt::ItemIsEditable : Qt::NoItemFlags;
}

bool NeedleTableModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::EditRole || !checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
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
