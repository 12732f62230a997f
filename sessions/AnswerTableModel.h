// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

namespace headkv {

class EvaluationSession;

/// The answers of an evaluation in the order they came, a row each: an index into EvaluationRun::results. Sorting and
/// filtering are a proxy's work: SortRole holds plain numbers.
class AnswerTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Task, Case, Method, Budget, Expected, Answer, Score, ColumnCount };
    enum Role { SortRole = Qt::UserRole };

    /// The session's part outlives the model.
    explicit AnswerTableModel(const EvaluationSession &evaluation, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void reset();
    void append();

    const EvaluationSession &m_evaluation;
    int m_rows = 0;
};

} // namespace headkv
