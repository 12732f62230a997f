// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/HeatmapData.h"

#include <QTabWidget>

class QSettings;
class QTableView;

namespace headkv {

class HeadTableModel;
class LayerShareView;
class LorenzView;
class SortedBarsView;
struct ScoreSet;

/// Beside the heatmap: Lorenz curve, share by layer, the top heads as bars, the table.
class HeadAnalysisPanel : public QTabWidget
{
    Q_OBJECT

public:
    explicit HeadAnalysisPanel(QSettings &settings, QWidget *parent = nullptr);

    void showSet(const ScoreSet &set);
    [[nodiscard]] HeadTableModel *table() const { return m_model; }

Q_SIGNALS:
    void headChosen(headkv::HeadCell head);

private:
    [[nodiscard]] QTableView *buildTable();

    LorenzView *m_lorenz;
    LayerShareView *m_layers;
    SortedBarsView *m_bars;
    HeadTableModel *m_model;
};

} // namespace headkv
