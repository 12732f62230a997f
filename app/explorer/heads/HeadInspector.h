// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/HeatmapData.h"

#include <QWidget>
#include <vector>

class QLabel;
class QListWidget;
class QTableWidget;

namespace headkv {

class Session;
struct ScoreSet;

/// The pinned heads, and the chosen one in numbers: its score, its place in every set of that shape, its scores by
/// length and depth.
class HeadInspector : public QWidget
{
    Q_OBJECT

public:
    explicit HeadInspector(const Session &session, QWidget *parent = nullptr);

    /// −1: no set. Keeps the chosen pin, or chooses the last.
    void show(int scoreSet, const std::vector<HeadCell> &pins);

Q_SIGNALS:
    void unpinRequested(headkv::HeadCell head);

private:
    [[nodiscard]] QWidget *buildFigures();
    void showHead();
    void showRanks(HeadCell head);
    void showCases(HeadCell head);

    const Session &m_session;
    int m_set = -1;
    std::vector<HeadCell> m_pins;
    QListWidget *m_list;
    QLabel *m_hint;
    QWidget *m_figures;
    QLabel *m_score, *m_share, *m_rank, *m_spread, *m_ranks;
    QLabel *m_casesTitle;
    QTableWidget *m_cases;
};

} // namespace headkv
