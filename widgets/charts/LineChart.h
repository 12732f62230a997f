// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/Axes.h"
#include "widgets/charts/PlotChart.h"
#include "widgets/charts/ReferenceLines.h"

#include <span>
#include <vector>

namespace headkv {

/// One line of a LineChart.
struct LineSeries
{
    QString name;   ///< in the legend
    QString method; ///< gives colour and dashes (ChartStyle::seriesColor); empty: by position
    std::vector<double> x;
    std::vector<double> y;           ///< as long as x; NaN: a gap
    std::vector<double> errors;      ///< ± about y; empty, or as long
    std::vector<double> errorsBelow; ///< where the error below y is another; empty, or as long
    bool points = false;             ///< marks at the values
    bool steps = false;              ///< a value holds up to the next x
    bool muted = false;              ///< a reference line: thin, grey, dashed
};

/// Lines over a common axis, with legend, wheel zoom, and a tooltip of the values under the mouse.
class LineChart : public PlotChart
{
    Q_OBJECT
public:
    explicit LineChart(QWidget *parent = nullptr);
    ~LineChart() override;

    void setAxes(const QString &xLabel, AxisKind xKind, const QString &yLabel, AxisKind yKind);
    /// Throws Error(Input) where the vectors of a series differ in length. Keeps a zoomed view while the names stay the
    /// same.
    void setSeries(std::vector<LineSeries> series);
    /// Adds points at the end of a series, at a cost that does not grow with what it has; the redraw waits for the next
    /// turn of the event loop. The view goes on to show all of it, but along an axis that the user has zoomed. Throws
    /// Error(Input) for a series that is not there, one with error bars, or vectors that differ in length.
    void appendPoints(std::size_t series, std::span<const double> x, std::span<const double> y);
    [[nodiscard]] const std::vector<LineSeries> &series() const { return m_series; }
    /// Values to compare with, such as p50 and p95 of a series.
    void setReferences(std::vector<ReferenceLine> lines);
    [[nodiscard]] const std::vector<ReferenceLine> &references() const { return m_references.lines(); }
    /// Fixes the ends of an axis; NaN: the data's own.
    void setXRange(double low, double high);
    void setYRange(double low, double high);
    [[nodiscard]] QSize leastFigureSize() const override;
    /// For charts that share a LegendView; shown otherwise.
    void setLegendVisible(bool visible);

    [[nodiscard]] bool isEmpty() const override { return m_series.empty(); }
    /// Long form: series,x,y[,error]; reference lines after the series, without an x.
    [[nodiscard]] QString csv() const override;
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;
    void resetView() override;

protected:
    void restyle() override;
    void layoutForSize(const QSize &size) override;
    void mouseMoved(const QPoint &position, const QPoint &globalPosition) override;
    void copyLinesTo(LineChart &other) const;

private:
    void rebuild();
    [[nodiscard]] std::vector<double> barOffsets() const;
    void updateGraphs();
    void measure();
    void fit(QCPAxis *axis);
    [[nodiscard]] bool isFitted(const QCPAxis *axis) const;
    [[nodiscard]] QString describe(double x) const;
    [[nodiscard]] QString describeError(const LineSeries &line, std::size_t i) const;

    std::vector<LineSeries> m_series;
    ReferenceLines m_references;
    bool m_legendVisible = true;
    AxisKind m_xKind = AxisKind::Number;
    AxisKind m_yKind = AxisKind::Number;
    AxisLimits m_xLimits, m_yLimits;
    Extent m_xExtent, m_yExtent;     ///< of the series
    AxisLimits m_xFitted, m_yFitted; ///< the ranges that fit() gave
};

} // namespace headkv
