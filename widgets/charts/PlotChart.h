// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/Chart.h"

#include <QElapsedTimer>
#include <QTimer>

class QCustomPlot;
class QCPAxis;
class QCPAxisRect;
class QCPLegend;
class QCPLayoutGrid;
class QCPTextElement;

namespace headkv {

/// A chart whose picture is a QCustomPlot: styling of axes, title and legend, painting it elsewhere, wheel zoom and
/// drag with double click to reset.
class PlotChart : public Chart
{
    Q_OBJECT
public:
    explicit PlotChart(QWidget *parent = nullptr);
    ~PlotChart() override;

    [[nodiscard]] QCustomPlot *plot() const { return m_plot; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    /// Shows all of it again after zooming.
    virtual void resetView();

protected:
    void paintFigure(QPaintDevice &device, const QSize &size, double scale, bool vectors) override;
    void restyle() override;
    void titleChanged() override;
    /// + and − zoom, 0 shows all, where the plot can be zoomed.
    void keyPressEvent(QKeyEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

    /// Mouse on the plot, in its pixels. moved: leaving gives a point outside of it. clicked: pressed and released in
    /// one place.
    virtual void mouseMoved(const QPoint &position, const QPoint &globalPosition);
    virtual void mouseLeft();
    virtual void mouseClicked(const QPoint &position);
    /// Before each replot at a new size and before painting elsewhere: fit tick density and labels to the size of the
    /// plot.
    virtual void layoutForSize(const QSize &size);
    /// The size of the area between the axes in a plot of this size, as far as it can be known before the layout.
    [[nodiscard]] QSize innerSize(const QSize &size) const;
    /// The legend stands in rows of its own above the axes, so that it hides no data; call after the series have
    /// changed.
    void showLegend(bool visible);
    /// Breaks the legend's rows to the width; part of layoutForSize().
    void wrapLegend(int width);
    void styleAxis(QCPAxis *axis, bool grid) const;
    /// Asks for a redraw at the next turn of the event loop; calls in between cost nothing.
    void scheduleReplot();
    /// The same for data that comes all the time: at most one redraw in livePause, none while the chart is hidden.
    void scheduleLiveReplot();
    void showEvent(QShowEvent *event) override;
    static constexpr int livePause = 33; ///< milliseconds
    static constexpr int liveGap = 8;    ///< milliseconds between live redraws of any two charts

private:
    void placeTitle();
    void replotInTurn();
    void zoom(double factor);

    QCustomPlot *m_plot;
    QCPTextElement *m_titleElement = nullptr;
    QCPLayoutGrid *m_legendRow = nullptr; ///< in the layout while the legend is shown
    QCPLegend *m_legend = nullptr;
    int m_legendColumns = 0;
    QPoint m_pressed;
    bool m_pressedHere = false;
    QTimer m_live;
    QElapsedTimer m_sinceLive; ///< since the last live redraw
    bool m_stale = false;      ///< there is data that has not been drawn
};

} // namespace headkv
