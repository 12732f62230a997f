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
    /// Of tick labels and legends; titles, lines, marks and gaps grow and shrink with it.
    double fontPoints = ownFontPoints;
    bool dark = false;
    /// In SVG, letters as shapes: they look the same where the font is missing, but cannot be edited as text. A PDF
    /// embeds its fonts.
    bool textAsShapes = true;

    static constexpr double ownFontPoints = 9;
    static constexpr double minFontPoints = 5;
    static constexpr double maxFontPoints = 24;
    static constexpr double oneColumn = 85;   ///< millimetres, of a page in two columns
    static constexpr double twoColumns = 178; ///< millimetres

    static constexpr int minDpi = 48;
    static constexpr int maxDpi = 1200;
    static constexpr int minPixels = 64;
    static constexpr int maxPixels = 16384;
};

/// Charts as files. Nothing here touches the chart on screen. Works without a screen (offscreen platform).
class ChartExport
{
public:
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
    /// The size that the figure is laid out for, in pixels at its own font size; each takes scale() pixels of
    /// pixelSize().
    [[nodiscard]] static QSize layoutSize(const Chart &chart, const ExportOptions &options);
    [[nodiscard]] static double scale(const ExportOptions &options);
    [[nodiscard]] static QSize pixelSize(const Chart &chart, const ExportOptions &options);
    /// A good size in millimetres for a figure of that width and font size.
    [[nodiscard]] static QSizeF sizeForWidth(const Chart &chart, double millimetres, double fontPoints);
    /// Whether the options leave the chart the room that its labels need.
    [[nodiscard]] static bool isLegible(const Chart &chart, const ExportOptions &options);
    /// The smallest size that does, in the options' unit.
    [[nodiscard]] static QSizeF leastSize(const Chart &chart, const ExportOptions &options);
    /// A file name without suffix made of a title: "Head scores (R)" → "head-scores-r"; "figure" where nothing is left.
    [[nodiscard]] static QString fileName(const QString &title);
};

} // namespace headkv
