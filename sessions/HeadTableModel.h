// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/HeadScores.h"

#include <QAbstractTableModel>
#include <memory>

namespace headkv {

/// The heatmap's table twin, a row a head in layer-major order: layer, head, mean score, standard error, share, rank.
class HeadTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Layer, Head, Score, StandardError, Share, Rank, ColumnCount };
    enum Role { SortRole = Qt::UserRole };

    explicit HeadTableModel(QObject *parent = nullptr);

    /// Null: no rows.
    void setScores(std::shared_ptr<const HeadScores> scores, std::shared_ptr<const HeadScoreSummary> summary);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::shared_ptr<const HeadScores> m_scores;
    std::shared_ptr<const HeadScoreSummary> m_summary;
};

} // namespace headkv
