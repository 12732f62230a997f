// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/heads/ScoreShelf.h"
#include "widgets/charts/HeatmapData.h"

#include <QWidget>
#include <array>
#include <memory>

class QSettings;

namespace headkv {

class Chart;
class FigureGrid;
class HeatmapView;

/// Up to three heatmaps side by side, or one above the other where that makes larger cells; or the difference of two.
/// They share range, pins, zoom and the head that is pointed at.
class HeadMapsView : public QWidget
{
    Q_OBJECT

public:
    explicit HeadMapsView(QSettings &settings, QWidget *parent = nullptr);
    ~HeadMapsView() override;

    /// The difference is of the first two.
    void show(const std::vector<ShownSet> &sets, bool difference);
    void setLook(const HeatmapScale &scale, ColorMap::Name colors, int topK);
    /// Each map shows those that it has.
    void setPins(const std::vector<HeadCell> &pins);
    void setCurrentCell(HeadCell cell);

    [[nodiscard]] HeatmapView *map(std::size_t place) const { return m_maps[place]; }
    [[nodiscard]] std::size_t count() const { return m_count; }
    /// For export: the map that is shown, or all of them as one figure. Null: none is shown.
    [[nodiscard]] Chart *figure() const;
    /// What the head has in each map, on one line.
    [[nodiscard]] QString describe(HeadCell head) const;

Q_SIGNALS:
    void pinToggled(headkv::HeadCell head);
    /// By mouse or keys; an invalid head: at none any more.
    void pointedAt(headkv::HeadCell head);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    static constexpr std::size_t most = 3;

    void connectMap(std::size_t place);
    void restyle();
    void place();
    void showTitles(const std::vector<ShownSet> &sets);
    void mirror(std::size_t from, HeadCell head);

    std::array<HeatmapView *, most> m_maps{};
    std::size_t m_count = 0;
    bool m_difference = false;
    bool m_syncing = false;
    HeatmapScale m_scale;
    ColorMap::Name m_colors = ColorMap::Name::Viridis;
    int m_topK = 0;
    mutable std::unique_ptr<FigureGrid> m_row; ///< of clones, made when it is asked for
};

} // namespace headkv
