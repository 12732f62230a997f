// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/HeadStatistics.h"

#include <QAbstractTableModel>
#include <memory>
#include <vector>

namespace headkv {

/// A score set as the table has it.
struct HeadTableSet
{
    QString name;
    std::shared_ptr<const HeadScores> scores;
    std::shared_ptr<const HeadScoreSummary> summary;
    std::shared_ptr<const HeadStatistics> statistics; ///< null: not computed yet
};

/// The heatmap's table twin, a row a head in layer-major order: layer, head, mean score, standard error, interval of
/// the mean, share, rank, interval of the rank; then the score and the rank in each further set of the same shape.
class HeadTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Layer, Head, Score, StandardError, Interval, Share, Rank, RankInterval, FirstOther };
    /// The number behind a cell: an interval's lower end, a share in per cent; invalid where there is none.
    enum Role { SortRole = Qt::UserRole };

    explicit HeadTableModel(QObject *parent = nullptr);

    /// The first is the table's own; later ones of another shape are left out. None: no rows. `headTitle` heads the
    /// column of heads.
    void setSets(const std::vector<HeadTableSet> &sets, const QString &headTitle = QStringLiteral("Head"));

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    [[nodiscard]] QVariant own(std::size_t head, int column, int role) const;

    std::vector<HeadTableSet> m_sets;
    QString m_headTitle;
};

} // namespace headkv
