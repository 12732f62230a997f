// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/Lane.h"

#include <QAbstractTableModel>

namespace headkv {

/// Lanes held against each other, a row each: times, rates, memory, agreement with FullKV. Numbers are RunMetrics' own.
/// Whoever has the lanes says when they change. SortRole holds plain numbers, nothing where there is none.
class LaneTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column {
        Title,
        FirstToken,
        Prefill,
        Compression,
        Rate,
        P50,
        P95,
        PeakKv,
        PeakDevice, ///< this and the next only where a lane is on a device
        Workspace,
        RealShare,
        NominalShare,
        SameToken,
        MeanKl,
        Tokens,
        Stop,
        ColumnCount
    };
    enum Role { SortRole = Qt::UserRole };

    /// The lanes outlive the model.
    explicit LaneTableModel(const std::vector<Lane> &lanes, QObject *parent = nullptr);

    /// Other lanes, or another number of them.
    void reset();
    void laneChanged(int lane);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// The table with all digits and a header row: lane,method,first_token_s,…
    [[nodiscard]] QString csv() const;

private:
    [[nodiscard]] QVariant value(const Lane &lane, int column) const;

    const std::vector<Lane> &m_lanes;
    int m_rows = 0;
};

} // namespace headkv
