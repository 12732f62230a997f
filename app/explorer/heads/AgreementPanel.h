// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/heads/ScoreShelf.h"

#include <QWidget>

class QLabel;
class QSettings;
class QTableWidget;

namespace headkv {

class LineChart;

/// What the chosen sets have in common: rank correlation, and how much of the strongest heads they share.
class AgreementPanel : public QWidget
{
    Q_OBJECT

public:
    explicit AgreementPanel(QSettings &settings, QWidget *parent = nullptr);

    void show(const std::vector<ShownSet> &sets);
    [[nodiscard]] LineChart *chart() const { return m_chart; }
    [[nodiscard]] QTableWidget *table() const { return m_table; }
    /// The first two in a line; empty: there is nothing to compare.
    [[nodiscard]] static QString summary(const std::vector<ShownSet> &sets);

private:
    void addPair(const ShownSet &first, const ShownSet &second);

    LineChart *m_chart;
    QTableWidget *m_table;
    QLabel *m_hint;
};

} // namespace headkv
