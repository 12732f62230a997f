// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QSettings;

namespace headkv {

class CasePanel;
class HeatmapView;
class ProbeGridView;
class Session;

/// A probe as it runs and after: the length × depth grid, the heads' scores, the cases.
class ProbeRunView : public QWidget
{
    Q_OBJECT

public:
    ProbeRunView(Session &session, QSettings &settings, QWidget *parent = nullptr);

    [[nodiscard]] ProbeGridView *grid() const { return m_grid; }
    [[nodiscard]] HeatmapView *heatmap() const { return m_heatmap; }
    [[nodiscard]] CasePanel *cases() const { return m_cases; }

private:
    void showStart();
    void addCase(int result);
    void showScores();

    Session &m_session;
    ProbeGridView *m_grid;
    HeatmapView *m_heatmap;
    CasePanel *m_cases;
};

} // namespace headkv
