// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/Page.h"
#include "widgets/charts/HeatmapData.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QSettings;
class QSpinBox;
class QStackedWidget;

namespace headkv {

class HeadAnalysisPanel;
class HeadInspector;
class HeatmapView;
class Session;

/// A score set as a heatmap with what can be read off it.
class HeadsPage : public Page
{
    Q_OBJECT

public:
    /// The inspector stands in a dock of the window; the page fills it.
    HeadsPage(Session &session, QSettings &settings, HeadInspector *inspector, QWidget *parent = nullptr);

    [[nodiscard]] Chart *exportChart() const override;
    [[nodiscard]] HeatmapView *heatmap() const { return m_heatmap; }
    [[nodiscard]] HeadAnalysisPanel *analysis() const { return m_analysis; }
    [[nodiscard]] QComboBox *chooser() const { return m_sets; }
    /// The chosen set, or −1.
    [[nodiscard]] int currentSet() const;

Q_SIGNALS:
    void openRequested();
    void probeRequested();
    /// A head was pinned: the inspector has something to show.
    void inspectorWanted();

private:
    [[nodiscard]] QWidget *buildContent();
    [[nodiscard]] QHBoxLayout *buildSetBar();
    [[nodiscard]] QHBoxLayout *buildViewBar();
    [[nodiscard]] QWidget *buildHeatmap();
    void connectHeatmap();
    void addSet(int index);
    void showSet();
    void showScale();
    void pin(HeadCell head);
    void unpin(HeadCell head);
    void pinsChanged();
    void hover(HeadCell head);
    void saveScores();

    Session &m_session;
    QSettings &m_settings;
    HeadInspector *m_inspector;
    QStackedWidget *m_stack;
    QComboBox *m_sets;
    QComboBox *m_scale;
    QComboBox *m_map;
    QSpinBox *m_topK;
    QPushButton *m_clearPins;
    HeatmapView *m_heatmap;
    QLabel *m_hover;
    HeadAnalysisPanel *m_analysis;
};

} // namespace headkv
