// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/heads/ScoreShelf.h"

#include <QWidget>

class QLabel;
class QSettings;

namespace headkv {

class LineChart;

/// How many cases are enough: how alike two sets of so many cases each rank the heads.
class StabilityPanel : public QWidget
{
    Q_OBJECT

public:
    explicit StabilityPanel(QSettings &settings, QWidget *parent = nullptr);

    void show(const std::vector<ShownSet> &sets);
    [[nodiscard]] LineChart *chart() const { return m_chart; }
    [[nodiscard]] QString text() const;

private:
    LineChart *m_chart;
    QLabel *m_text;
};

} // namespace headkv
