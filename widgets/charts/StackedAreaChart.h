// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/Axes.h"
#include "widgets/charts/PlotChart.h"
#include "widgets/charts/ReferenceLines.h"

#include <QStringList>
#include <span>
#include <vector>

class QCPGraph;
class QCPItemText;

namespace headkv {

/// Amounts that add up, as layers stacked over a common axis: memory by what holds it. Grows at its end while a run
/// goes on. Layers are told apart by colour, by lightness (print), and by their names inside them where those fit.
class StackedAreaChart : public PlotChart
{
    Q_OBJECT
public:
    explicit StackedAreaChart(QWidget *parent = nullptr);
    ~StackedAreaChart() override;

    /// Linear axes only.
    void setAxes(const QString &xLabel, AxisKind xKind, const QString &yLabel, AxisKind yKind);
    /// From the bottom up. Other names than before drop the points.
    void setLayers(const QStringList &names);
    [[nodiscard]] QStringList layers() const { return m_names; }
    /// Without a legend and the reference's name, for small charts side by side that share a legend; figures of their
    /// own have both.
    void setLegendShown(bool shown);
    /// What a layer is filled with.
    [[nodiscard]] QColor layerColor(int layer) const;
    void clearPoints();
    /// One value a layer, none negative, NaN as 0; x not before the last. Throws Error(Input) otherwise. The cost does
    /// not grow with the points there are; the redraw waits for the next turn of the event loop. The view goes on to
    /// show all of it, but along an axis that the user has zoomed.
    void appendPoint(double x, std::span<const double> values);
    /// Points in turn: values[point × layers + layer].
    void appendPoints(std::span<const double> x, std::span<const double> values);
    [[nodiscard]] std::size_t pointCount() const { return m_x.size(); }
    [[nodiscard]] double value(std::size_t point, int layer) const;

    /// Fixes the ends of an axis, so that charts can be compared; NaN: the data's own.
    void setXRange(double low, double high);
    void setYRange(double low, double high);
    /// A dashed line to compare with (what FullKV takes), labelled; NaN: none.
    void setReference(const QString &name, double y);

    [[nodiscard]] bool isEmpty() const override { return m_x.empty(); }
    /// x and one column a layer; the reference as a column of its own.
    [[nodiscard]] QString csv() const override;
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;
    void resetView() override;

protected:
    void restyle() override;
    void layoutForSize(const QSize &size) override;
    void mouseMoved(const QPoint &position, const QPoint &globalPosition) override;
    void mouseLeft() override;

private:
    void append(double x, std::span<const double> values);
    void follow(bool x, bool y);
    void fit(QCPAxis *axis);
    [[nodiscard]] bool isFitted(const QCPAxis *axis) const;
    void placeLabels();
    [[nodiscard]] QString describe(double x) const;

    QStringList m_names;
    bool m_legendShown = true;
    std::vector<double> m_x;
    std::vector<double> m_values;        ///< [points][layers]
    std::vector<QCPGraph *> m_tops;      ///< upper edges of the layers
    std::vector<QCPItemText *> m_labels; ///< names inside the layers
    ReferenceLines m_reference;
    AxisKind m_xKind = AxisKind::Number;
    AxisKind m_yKind = AxisKind::Number;
    AxisLimits m_xLimits, m_yLimits;
    Extent m_xExtent, m_yExtent;
    AxisLimits m_xFitted, m_yFitted; ///< the ranges that fit() gave
};

} // namespace headkv
