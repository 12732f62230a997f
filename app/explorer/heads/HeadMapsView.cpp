// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/HeadMapsView.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "widgets/Formats.h"
#include "widgets/charts/FigureGrid.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/ScoreCharts.h"
#include "widgets/theme/Theme.h"

#include <QScopedValueRollback>
#include <algorithm>

namespace headkv {

namespace {

constexpr int barWidth = 62; ///< what the colour bar with its labels takes of a map's width
constexpr int axesWidth = 60, axesHeight = 70;

NamedScores named(const ShownSet &set) { return {set.name, set.scores.get(), set.summary.get()}; }

} // namespace

HeadMapsView::HeadMapsView(QSettings &settings, QWidget *parent)
    : QWidget(parent)
{
    setMinimumSize(320, 200);
    for (std::size_t i = 0; i < most; ++i) {
        m_maps[i] = headkv::named(new HeatmapView(this), tr("Head scores by layer and head"));
        m_maps[i]->hide();
        enableChartMenu(m_maps[i], settings, this);
        connectMap(i);
    }
}

HeadMapsView::~HeadMapsView() = default;

void HeadMapsView::connectMap(std::size_t place)
{
    HeatmapView *map = m_maps[place];
    const auto point = [this, place](int layer, int head) {
        mirror(place, {layer, head});
        Q_EMIT pointedAt({layer, head});
    };
    connect(map, &HeatmapView::hovered, this, point);
    connect(map, &HeatmapView::currentChanged, this, point);
    connect(map, &HeatmapView::hoverEnded, this, [this, place] {
        mirror(place, {});
        Q_EMIT pointedAt({});
    });
    const auto toggle = [this](int layer, int head) { Q_EMIT pinToggled({layer, head}); };
    connect(map, &HeatmapView::pinned, this, toggle);
    connect(map, &HeatmapView::unpinned, this, toggle);
    connect(map, &HeatmapView::visibleCellsChanged, this, [this, map] {
        if (m_syncing)
            return;
        const QScopedValueRollback guard(m_syncing, true);
        for (std::size_t i = 0; i < m_count; ++i) {
            if (m_maps[i] != map && m_maps[i]->data().layers == map->data().layers &&
                m_maps[i]->data().heads == map->data().heads)
                m_maps[i]->showCells(map->visibleCells());
        }
    });
}

void HeadMapsView::mirror(std::size_t from, HeadCell head)
{
    for (std::size_t i = 0; i < m_count; ++i)
        m_maps[i]->setMirroredCell(i == from ? HeadCell() : head);
}

void HeadMapsView::show(const std::vector<ShownSet> &sets, bool difference)
{
    m_row.reset();
    m_difference = difference && sets.size() >= 2;
    m_count = m_difference ? 1 : std::min(sets.size(), most);
    const QScopedValueRollback guard(m_syncing, true);
    if (m_difference) {
        m_maps[0]->setData(differenceData(named(sets[0]), named(sets[1])));
    } else {
        for (std::size_t i = 0; i < m_count; ++i)
            m_maps[i]->setData(heatmapData(*sets[i].scores, *sets[i].summary));
    }
    for (std::size_t i = 0; i < m_count; ++i) {
        HeatmapData cells = m_maps[i]->data();
        cells.headLabel = sets[i].groupSize > 1 ? tr("KV group") : tr("Query head");
        m_maps[i]->setData(std::move(cells));
    }
    showTitles(sets);
    restyle();
    for (std::size_t i = 0; i < most; ++i)
        m_maps[i]->setVisible(i < m_count);
    place();
}

void HeadMapsView::showTitles(const std::vector<ShownSet> &sets)
{
    for (std::size_t i = 0; i < m_count; ++i) {
        m_maps[i]->setTitle(m_difference ? tr("%1 less %2").arg(sets[0].name, sets[1].name) : sets[i].name);
        m_maps[i]->setAccessibleName(tr("Head scores by layer and head, %1").arg(m_maps[i]->title()));
    }
}

void HeadMapsView::setLook(const HeatmapScale &scale, ColorMap::Name colors, int topK)
{
    m_row.reset();
    m_scale = scale;
    m_colors = colors;
    m_topK = topK;
    restyle();
}

void HeadMapsView::restyle()
{
    HeatmapScale scale = m_scale;
    if (m_difference) {
        scale = {};
        scale.kind = HeatmapScale::Kind::Symmetric;
    } else if (m_count > 1) {
        std::vector<HeatmapData> shown;
        for (std::size_t i = 0; i < m_count; ++i)
            shown.push_back(m_maps[i]->data());
        scale.fixed = sharedRange(shown, scale);
    }
    for (std::size_t i = 0; i < m_count; ++i) {
        m_maps[i]->setColorMap(m_difference ? ColorMap::Name::Diverging : m_colors);
        m_maps[i]->setScale(scale);
        m_maps[i]->setTopK(m_difference ? 0 : m_topK);
    }
}

void HeadMapsView::setPins(const std::vector<HeadCell> &pins)
{
    m_row.reset();
    for (HeatmapView *map : m_maps)
        map->setPins(pins);
}

void HeadMapsView::setCurrentCell(HeadCell cell)
{
    m_maps[0]->setCurrentCell(cell);
    mirror(0, cell);
}

Chart *HeadMapsView::figure() const
{
    if (m_count < 2)
        return m_count == 1 ? m_maps[0] : nullptr;
    if (!m_row) {
        m_row = std::make_unique<FigureGrid>();
        m_row->setTitle(tr("Head scores side by side"));
        for (std::size_t i = 0; i < m_count; ++i) {
            std::unique_ptr<Chart> copy = m_maps[i]->clone();
            static_cast<HeatmapView *>(copy.get())->setColorBarVisible(true);
            m_row->add(std::move(copy));
        }
    }
    return m_row.get();
}

QString HeadMapsView::describe(HeadCell head) const
{
    if (m_count == 1)
        return m_maps[0]->describe(head).replace(QLatin1Char('\n'), QStringLiteral("  ·  "));
    QStringList parts;
    for (std::size_t i = 0; i < m_count; ++i) {
        const HeatmapData &cells = m_maps[i]->data();
        if (head.layer >= cells.layers || head.head >= cells.heads)
            continue;
        if (parts.isEmpty())
            parts << m_maps[i]->describe(head).section(QLatin1Char('\n'), 0, 0);
        const std::size_t at = cells.index(head.layer, head.head);
        parts << tr("%1: %2 ± %3, share %4, rank %5")
                     .arg(m_maps[i]->title(), formatScore(cells.values[at]),
                          QString::number(cells.standardErrors[at], 'g', 2), formatPercent(cells.shares[at]),
                          formatCount(cells.ranks[at]));
    }
    return parts.join(QStringLiteral("  ·  "));
}

void HeadMapsView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    place();
}

/// Beside one another the last has the colour bar, and the room for it; one above the other each has its own.
void HeadMapsView::place()
{
    if (m_count == 0)
        return;
    const auto count = static_cast<int>(m_count);
    const HeatmapData &cells = m_maps[0]->data();
    const int gap = Theme::spacing / 2;
    const auto cell = [&](double mapWidth, double mapHeight) {
        return std::min((mapWidth - axesWidth) / std::max(cells.layers, 1),
                        (mapHeight - axesHeight) / std::max(cells.heads, 1));
    };
    const double beside = cell((width() - barWidth - gap * (count - 1)) / double(count), height());
    const double above = cell(width() - barWidth, (height() - gap * (count - 1)) / double(count));
    const bool isRow = count == 1 || beside >= above;
    const int share = (width() - barWidth - gap * (count - 1)) / count;
    for (int i = 0; i < count; ++i) {
        HeatmapView *map = m_maps[static_cast<std::size_t>(i)];
        map->setColorBarVisible(!isRow || i + 1 == count);
        if (isRow) {
            const int left = i * (share + gap);
            map->setGeometry(left, 0, i + 1 == count ? width() - left : share, height());
        } else {
            const int top = i * (height() + gap) / count;
            map->setGeometry(0, top, width(), (i + 1) * (height() + gap) / count - gap - top);
        }
    }
}

} // namespace headkv
