// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/heads/ScoreShelf.h"
#include "widgets/charts/HeatmapData.h"

#include <QTabWidget>
#include <set>

class QSettings;

namespace headkv {

struct ExportItems;
class AgreementPanel;
class HeadTableModel;
class HeadTablePanel;
class LayerShareView;
class LorenzView;
class MaskingPanel;
class Session;
class SortedBarsView;
class StabilityPanel;

/// Beside the heatmaps: Lorenz curves, share by layer, the top heads as bars, the table, how stable the ranking is,
/// what the chosen sets have in common, and the test by masking.
class HeadAnalysisPanel : public QTabWidget
{
    Q_OBJECT

public:
    HeadAnalysisPanel(Session &session, QSettings &settings, QWidget *parent = nullptr);

    /// The first is the page's own: bars and the table's order are of it. A tab is drawn when it is looked at.
    void show(const std::vector<ShownSet> &sets);
    /// Statistics have arrived for sets that are shown.
    void showStatistics(const std::vector<ShownSet> &sets);

    /// All tabs' figures and the table, brought up to date.
    [[nodiscard]] ExportItems exportItems();

    [[nodiscard]] HeadTableModel *table() const;
    [[nodiscard]] HeadTablePanel *tablePanel() const { return m_table; }
    [[nodiscard]] LorenzView *lorenz() const { return m_lorenz; }
    [[nodiscard]] LayerShareView *layers() const { return m_layers; }
    [[nodiscard]] SortedBarsView *bars() const { return m_bars; }
    [[nodiscard]] StabilityPanel *stability() const { return m_stability; }
    [[nodiscard]] AgreementPanel *agreement() const { return m_agreement; }
    [[nodiscard]] MaskingPanel *masking() const { return m_masking; }

Q_SIGNALS:
    void headChosen(headkv::HeadCell head);

protected:
    void showEvent(QShowEvent *event) override;

private:
    /// Brings the tab that is looked at up to date.
    void refresh();
    void bringUpToDate(const QWidget *tab);
    void showLayers();
    void showBars();

    LorenzView *m_lorenz;
    LayerShareView *m_layers;
    SortedBarsView *m_bars;
    HeadTablePanel *m_table;
    StabilityPanel *m_stability;
    AgreementPanel *m_agreement;
    MaskingPanel *m_masking;
    std::vector<ShownSet> m_sets;
    std::set<const QWidget *> m_stale; ///< tabs that show something older
};

} // namespace headkv
