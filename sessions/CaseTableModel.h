// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

namespace headkv {

class ProbeSession;

/// The cases of a probe, a row for each finished one: needle, length, depth, answer, ROUGE-1, F1, passed,
/// seconds. Sorting and filtering are a proxy's work: Qt::EditRole (SortRole) holds plain numbers.
class CaseTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Needle, Length, Depth, Answer, Rouge, F1, Passed, Seconds, ColumnCount };
    enum Role { SortRole = Qt::UserRole, PassedRole, CaseIndexRole };

    explicit CaseTableModel(const ProbeSession &probe, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void reset();
    void appendRow();

    const ProbeSession &m_probe;
    int m_rows = 0;
};

} // namespace headkv
