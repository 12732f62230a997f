// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/heads/ScoreShelf.h"
#include "widgets/charts/HeatmapData.h"

#include <QWidget>
#include <vector>

class QLabel;
class QListWidget;
class QTableWidget;

namespace headkv {

class Session;

/// The pinned heads, and the chosen one in numbers: its score, its place in every set of that shape, its scores by
/// length and depth.
class HeadInspector : public QWidget
{
    Q_OBJECT

public:
    explicit HeadInspector(const Session &session, QWidget *parent = nullptr);

    /// All sets of the session in the rows that the page shows, and which of them is the page's own; −1: none. Keeps
    /// the chosen pin, or chooses the last.
    void show(std::vector<ShownSet> sets, int own, const std::vector<HeadCell> &pins);
    /// The figures as shown: score, interval, share, rank, cases, other sets.
    [[nodiscard]] QStringList figures() const;

Q_SIGNALS:
    void unpinRequested(headkv::HeadCell head);

private:
    [[nodiscard]] QWidget *buildFigures();
    void showHead();
    void showRanks(HeadCell head);
    void showCases(HeadCell head);

    const Session &m_session;
    std::vector<ShownSet> m_sets;
    int m_own = -1;
    std::vector<HeadCell> m_pins;
    QListWidget *m_list;
    QLabel *m_hint;
    QWidget *m_figures;
    QLabel *m_score, *m_interval, *m_share, *m_rank, *m_spread, *m_ranks;
    QLabel *m_casesTitle;
    QTableWidget *m_cases;
};

} // namespace headkv
