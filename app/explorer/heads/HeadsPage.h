// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/Page.h"
#include "app/explorer/heads/ScoreShelf.h"
#include "sessions/SessionDocument.h"
#include "widgets/charts/HeatmapData.h"
#include "widgets/theme/ColorMap.h"

#include <map>

class QComboBox;
class QLabel;
class QSettings;
class QStackedWidget;
class QUndoStack;

namespace headkv {

class ElidedLabel;
class HeadAnalysisPanel;
class HeadInspector;
class HeadMapsView;
class HeadSetBar;
class HeadViewBar;
class HeatmapView;
class Session;

/// By kind of row: KV heads a layer whose groups are the rows, 0: query heads.
using PinsByRows = std::map<int, std::vector<HeadCell>>;

/// Score sets as heatmaps, side by side or as a difference, with what can be read off them.
class HeadsPage : public Page
{
    Q_OBJECT

public:
    /// The inspector stands in a dock of the window; the page fills it.
    /// Pins go on the window's undo stack.
    HeadsPage(Session &session, QSettings &settings, QUndoStack &undo, HeadInspector *inspector,
              QWidget *parent = nullptr);

    [[nodiscard]] Chart *exportChart() const override;
    [[nodiscard]] ExportItems exportItems() override;
    void setColorMap(ColorMap::Name map);
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
    [[nodiscard]] const std::vector<HeadCell> &pins() const;
    /// What is chosen and pinned, for a session file, and the way back; no step of undo.
    [[nodiscard]] SessionHeads state() const;
    void restore(const SessionHeads &state);
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
    void bringUpToDate();
    void showLook();
    void showStatistics();
    void showNote();
    void showInspector();
    /// A step of undo.
    void editPins(const QString &what, std::vector<HeadCell> pins);
    void showPins();
    void togglePin(HeadCell head);
    void pin(HeadCell head);
    void hover(HeadCell head);
    [[nodiscard]] QString restText() const;
    void saveScores();

    Session &m_session;
    QSettings &m_settings;
    QUndoStack &m_undo;
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
    PinsByRows m_pins;
};

} // namespace headkv
