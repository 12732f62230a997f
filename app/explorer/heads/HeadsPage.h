// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/Page.h"
#include "app/explorer/heads/ScoreShelf.h"
#include "widgets/charts/HeatmapData.h"

class QComboBox;
class QLabel;
class QSettings;
class QStackedWidget;

namespace headkv {

class ElidedLabel;
class HeadAnalysisPanel;
class HeadInspector;
class HeadMapsView;
class HeadSetBar;
class HeadViewBar;
class HeatmapView;
class Session;

/// Score sets as heatmaps, side by side or as a difference, with what can be read off them.
class HeadsPage : public Page
{
    Q_OBJECT

public:
    /// The inspector stands in a dock of the window; the page fills it.
    HeadsPage(Session &session, QSettings &settings, HeadInspector *inspector, QWidget *parent = nullptr);

    [[nodiscard]] Chart *exportChart() const override;
    /// The first, or only, heatmap.
    [[nodiscard]] HeatmapView *heatmap() const;
    [[nodiscard]] HeadMapsView *maps() const { return m_maps; }
    [[nodiscard]] HeadAnalysisPanel *analysis() const { return m_analysis; }
    [[nodiscard]] HeadSetBar *setBar() const { return m_setBar; }
    [[nodiscard]] HeadViewBar *viewBar() const { return m_viewBar; }
    /// Of the first set.
    [[nodiscard]] QComboBox *chooser() const;
    /// The first of the chosen sets, or −1.
    [[nodiscard]] int currentSet() const;
    /// The chosen sets, as they are shown.
    [[nodiscard]] const std::vector<ShownSet> &shownSets() const { return m_shown; }
    /// Of the rows that are shown: query heads, or KV groups.
    [[nodiscard]] const std::vector<HeadCell> &pins() const { return m_pins; }
    /// What the page says of short answers; empty: nothing.
    [[nodiscard]] QString note() const;
    /// The line below the heatmaps.
    [[nodiscard]] QString hoverText() const;

Q_SIGNALS:
    void openRequested();
    void probeRequested();
    /// A head was pinned: the inspector has something to show.
    void inspectorWanted();

protected:
    void showEvent(QShowEvent *event) override;

private:
    [[nodiscard]] QWidget *buildContent();
    [[nodiscard]] QWidget *buildMaps();
    void connectParts();
    [[nodiscard]] std::vector<ShownSet> chosenSets();
    void refresh();
    void showLook();
    void showStatistics();
    void showNote();
    void showInspector();
    void setPins(std::vector<HeadCell> pins);
    void togglePin(HeadCell head);
    void pin(HeadCell head);
    void hover(HeadCell head);
    [[nodiscard]] QString restText() const;
    void saveScores();

    Session &m_session;
    QSettings &m_settings;
    HeadInspector *m_inspector;
    ScoreShelf *m_shelf;
    QStackedWidget *m_stack;
    HeadSetBar *m_setBar;
    HeadViewBar *m_viewBar;
    QLabel *m_note;
    HeadMapsView *m_maps;
    ElidedLabel *m_hover;
    ElidedLabel *m_common;
    HeadAnalysisPanel *m_analysis;
    std::vector<ShownSet> m_shown;
    bool m_stale = false; ///< the sets have changed while the page was hidden
    std::vector<HeadCell> m_pins;
};

} // namespace headkv
