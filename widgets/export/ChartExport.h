// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QImage>
#include <QSizeF>
#include <QString>
#include <QStringList>

namespace headkv {

class Chart;

/// How a figure is written.
struct ExportOptions
{
    enum class Unit { Pixels, Millimetres };

    QSizeF size; ///< empty: the chart's own figureSize()
    Unit unit = Unit::Pixels;
    /// Pixels to the inch. Text and lines keep their size on paper: at 192 dpi they take twice the pixels that they do
    /// at 96.
    int dpi = 96;
    bool dark = false;

    static constexpr int minDpi = 48;
    static constexpr int maxDpi = 1200;
    static constexpr int minPixels = 64;
    static constexpr int maxPixels = 16384;
};

/// Charts as files. Nothing here touches the chart on screen. Works without a screen (offscreen platform).
class ChartExport
{
public:
    static constexpr double layoutDpi = 96; ///< the unit of layoutSize()

    /// "png", "svg", "pdf", "csv".
    [[nodiscard]] static QStringList formats();

    /// Writes the chart in the format that the path's suffix names, atomically. Returns nothing, or why not in one
    /// line: what, where, what to do.
    [[nodiscard]] static QString save(const Chart &chart, const QString &path, const ExportOptions &options = {});
    /// The image (PNG, resolution set) and the CSV on the clipboard.
    static void copy(const Chart &chart, const ExportOptions &options = {});

    [[nodiscard]] static QImage image(const Chart &chart, const ExportOptions &options = {});
    [[nodiscard]] static QByteArray svg(const Chart &chart, const ExportOptions &options = {});
    [[nodiscard]] static QByteArray pdf(const Chart &chart, const ExportOptions &options = {});

    /// Why the options cannot be, in one line; nothing where they can.
    [[nodiscard]] static QString check(const ExportOptions &options);
    /// The size of the figure in its own units of 1/96 inch, and in pixels at options.dpi.
    [[nodiscard]] static QSize layoutSize(const Chart &chart, const ExportOptions &options);
    [[nodiscard]] static QSize pixelSize(const Chart &chart, const ExportOptions &options);
    /// A file name without suffix made of a title: "Head scores (R)" → "head-scores-r"; "figure" where nothing is left.
    [[nodiscard]] static QString fileName(const QString &title);
};

} // namespace headkv
