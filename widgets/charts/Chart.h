// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/Csv.h"
#include "widgets/theme/ChartStyle.h"

#include <QWidget>
#include <memory>
#include <optional>

class QPaintDevice;

namespace headkv {

/// A figure: a widget on screen, and the same picture on any painter. Every chart can be exported as an image, as
/// vectors and as the numbers it shows (ChartExport). On screen it takes its colours from its palette.
class Chart : public QWidget
{
    Q_OBJECT
public:
    explicit Chart(QWidget *parent = nullptr);
    ~Chart() override;

    [[nodiscard]] QString title() const { return m_title; }
    /// Shown above the figure; empty for none. Exports name their file after it.
    void setTitle(const QString &title);

    /// Whether there is anything to show; pages put an EmptyState in place of a chart without.
    [[nodiscard]] virtual bool isEmpty() const = 0;
    /// What is shown, a header row first, RFC 4180 with "\n"; numbers with all their digits.
    [[nodiscard]] virtual QString csv() const = 0;
    /// A hidden chart without a parent that shows the same; the screen is not touched by what happens to it.
    [[nodiscard]] virtual std::unique_ptr<Chart> clone() const = 0;
    /// A good size for a figure of its own, in pixels at 96 dpi.
    [[nodiscard]] virtual QSize figureSize() const;
    /// In a smaller figure its labels would run into each other.
    [[nodiscard]] virtual QSize leastFigureSize() const;

    /// Paints the figure at the device's origin. size is in pixels at 96 dpi, of which each takes `scale` units of the
    /// device. `vectors` says that the device keeps shapes (SVG, PDF): then nothing is drawn as an image.
    void paint(QPaintDevice &device, const QSize &size, double scale, const ChartStyle &style, bool vectors) const;

    [[nodiscard]] const ChartStyle &chartStyle() const { return m_style; }
    /// Keeps the style whatever the palette; nothing: follows the palette again.
    void setChartStyle(const std::optional<ChartStyle> &style);

Q_SIGNALS:
    /// Asked for by the chart's context menu; the page shows its export dialog.
    void exportRequested();
    void copyRequested();

protected:
    /// Draws itself with its style; called on a clone that has the size. (A device rather than a painter: QCustomPlot
    /// draws only with a painter class of its own.)
    virtual void paintFigure(QPaintDevice &device, const QSize &size, double scale, bool vectors) = 0;
    /// Takes colours and fonts from chartStyle().
    virtual void restyle() = 0;
    virtual void titleChanged() {}

    /// Tells assistive technology what the current cell or bar is.
    void announce(const QString &text);
    void copyBasicsTo(Chart &other) const;
    void changeEvent(QEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    QString m_title;
    ChartStyle m_style;
    bool m_styleFixed = false;
};

} // namespace headkv
