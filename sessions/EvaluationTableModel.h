// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/EvaluationSummary.h"

#include <QAbstractTableModel>
#include <QElapsedTimer>
#include <QTimer>
#include <optional>
#include <set>
#include <vector>

namespace headkv {

class EvaluationSession;

/// An evaluation's table, a row for each task and variant, tasks first: EvaluationSummary's figures. While answers come
/// in, rows that have new ones are computed anew, each at most three times a second, a few at a turn of the event loop;
/// how rows stand against the best of their budget follows once the run has ended. Sorting is a proxy's work: SortRole
/// holds plain numbers, nothing where there is none.
class EvaluationTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column {
        Task,
        Method,
        Budget,
        Score,
        Interval,
        Behind, ///< the best of the task and budget
        P,
        Cases,
        Prefill,
        Compress,
        Decode,
        Kv,
        ColumnCount
    };
    enum Role { SortRole = Qt::UserRole, BestRole };

    /// The session's part outlives the model.
    explicit EvaluationTableModel(const EvaluationSession &evaluation, QObject *parent = nullptr);

    /// As far as they are computed; row = task · variants + variant.
    [[nodiscard]] const std::vector<EvaluationRow> &rows() const { return m_rows; }
    /// Nothing is left to compute.
    [[nodiscard]] bool isSettled() const { return m_waiting.empty() && !m_round.isActive(); }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    /// A round is done: these rows have other figures than before it.
    void computed(const QList<int> &rows);

private:
    /// How a row stands within its task and budget.
    struct Standing
    {
        bool best = false;
        std::optional<PairedComparison> distance; ///< best − this row
    };

    void reset();
    void answered(int result);
    void end(bool ended);
    /// A part of a round.
    void compute();
    void computeRow(int row);
    void markBest();
    void queuePairs();
    void comparePair(int row);
    void rowChanged(int row);
    [[nodiscard]] int bestOf(int row) const; ///< of its task and budget; −1: it has no peer
    [[nodiscard]] QVariant value(int row, int column) const;
    [[nodiscard]] QString text(int row, int column) const;
    [[nodiscard]] QString explanation(int row, int column) const;

    const EvaluationSession &m_evaluation;
    std::vector<EvaluationRow> m_rows;
    std::vector<Standing> m_standings;
    std::set<int> m_waiting; ///< rows with new answers, for the next round
    std::set<int> m_now;     ///< those of this round
    std::set<int> m_pairs;   ///< rows to be compared with the best of their budget
    std::set<int> m_changed; ///< by this round
    bool m_ended = false;    ///< the run has; its rows are compared
    bool m_comparesNext = false;
    QTimer m_round;
};

} // namespace headkv
