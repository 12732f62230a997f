// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/PlotChart.h"

#include <vector>

namespace headkv {

/// One line of a LineChart.
struct LineSeries
{
    QString name;   ///< in the legend
    QString method; ///< gives colour and dashes (ChartStyle::seriesColor); empty: by position
    std::vector<double> x;
    std::vector<double> y;      ///< as long as x; NaN: a gap
    std::vector<double> errors; ///< ± about y; empty, or as long
    bool points = false;        ///< marks at the values
    bool steps = false;         ///< a value holds up to the next x
    bool muted = false;         ///< a reference line: thin, grey, dashed
};

/// What an axis counts: how its ticks are labelled.
enum class AxisKind { Number, Integer, Bytes, Tokens, Percent, LogNumber };

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
    [[nodiscard]] const std::vector<LineSeries> &series() const { return m_series; }
    /// Fixes the ends of an axis; NaN: the data's own.
    void setXRange(double low, double high);
    void setYRange(double low, double high);

    [[nodiscard]] bool isEmpty() const override { return m_series.empty(); }
    /// Long form: series,x,y[,error].
    [[nodiscard]] QString csv() const override;
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;
    void resetView() override;

protected:
    void restyle() override;
    void layoutForSize(const QSize &size) override;
    void mouseMoved(const QPoint &position, const QPoint &globalPosition) override;
    void copyLinesTo(LineChart &other) const;

private:
    struct Limits
    {
        double low, high;
    };
    void rebuild();
    void updateGraphs();
    [[nodiscard]] QString describe(double x) const;

    std::vector<LineSeries> m_series;
    AxisKind m_xKind = AxisKind::Number;
    AxisKind m_yKind = AxisKind::Number;
    Limits m_xLimits, m_yLimits;
};

/// A value as ticks and tooltips of such an axis show it.
[[nodiscard]] QString formatAxisValue(double value, AxisKind kind);

} // namespace headkv
