// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QString>

namespace headkv {

/// The colours and the font a chart is drawn with. A value: a chart takes the one that fits its palette, an export
/// another.
struct ChartStyle
{
    QColor background; ///< of the whole figure
    QColor plotArea;   ///< inside the axes
    QColor axis;       ///< axis lines and ticks
    QColor grid;
    QColor text;
    QColor mutedText;
    QColor accent;  ///< current cell, running case, selection
    QColor primary; ///< bars and shapes that stand for no method
    QColor missing; ///< a cell with no value
    QColor hatch;   ///< lines over a cell that has not run
    bool dark = false;
    int fontPixels = 12; ///< of tick labels and legends at 96 dpi; titles and axis labels follow it

    [[nodiscard]] QFont font() const;
    [[nodiscard]] QFont labelFont() const;
    [[nodiscard]] QFont titleFont() const;

    [[nodiscard]] static ChartStyle lightStyle();
    [[nodiscard]] static ChartStyle darkStyle();
    /// The style that fits widgets of this palette.
    [[nodiscard]] static ChartStyle fromPalette(const QPalette &palette);

    /// The colour of a method's series, the same in every chart: full, streaming, h2o, snapkv, pyramidkv, ada-snapkv,
    /// razor, headkv. Okabe and Ito's palette, shaded so that lines reach a contrast of 3 on either background. Another
    /// name gets a colour of its own by its position; a "+" behind a method's name gives it a second one.
    [[nodiscard]] QColor seriesColor(const QString &method) const;
    [[nodiscard]] QColor seriesColor(int index) const;
    /// Lines and bars whose colours alone do not tell them apart (print, colour blindness) differ in their dashes too.
    [[nodiscard]] static Qt::PenStyle seriesPen(const QString &method);
};

/// True where a palette's window is darker than its text.
[[nodiscard]] bool isDark(const QPalette &palette);
/// WCAG 2.1 contrast ratio, 1…21.
[[nodiscard]] double contrastRatio(const QColor &first, const QColor &second);
/// WCAG 2.1 relative luminance, 0…1.
[[nodiscard]] double relativeLuminance(const QColor &color);
/// Between two colours: the first at 0, the second at 1.
[[nodiscard]] QColor mixedColor(const QColor &first, const QColor &second, double share);
/// Black or white, whichever reads better on the colour.
[[nodiscard]] QColor textOn(const QColor &background);

} // namespace headkv
