// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"

#include <QAbstractTableModel>
#include <vector>

namespace headkv {

/// The needles of a probe, to be edited. A row whose answer does not occur in its needle has a message under
/// ProblemRole (and as tooltip).
class NeedleTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { NeedleText, Question, Answer, ColumnCount };
    enum Role { ProblemRole = Qt::UserRole };

    explicit NeedleTableModel(QObject *parent = nullptr);

    void setNeedles(std::vector<Needle> needles);
    [[nodiscard]] const std::vector<Needle> &needles() const { return m_needles; }
    /// The first problem, empty: none.
    [[nodiscard]] QString problem() const;
    void appendNeedle(const Needle &needle);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    bool removeRows(int row, int count, const QModelIndex &parent = {}) override;

private:
    std::vector<Needle> m_needles;
};

} // namespace headkv
