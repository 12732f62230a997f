// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/ChartStyle.h"

#include <QGuiApplication>
#include <array>
#include <cmath>

namespace headkv {

namespace {

struct Series
{
    const char *method;
    const char *light;
    const char *dark;
    Qt::PenStyle pen;
};

// Okabe and Ito (2008), darkened for white and lightened for dark where the original falls below a contrast of 3.
constexpr std::array<Series, 8> seriesTable{{
    {"full", "#3b3f45", "#d5d9df", Qt::SolidLine},
    {"streaming", "#b97d00", "#f0b429", Qt::DashLine},
    {"h2o", "#2a93cf", "#6cc3f0", Qt::DotLine},
    {"snapkv", "#00815f", "#2fc79a", Qt::SolidLine},
    {"pyramidkv", "#b9608f", "#e09bc2", Qt::DashDotLine},
    {"ada-snapkv", "#0062a0", "#4a9fe0", Qt::DashLine},
    {"razor", "#857800", "#e6da4c", Qt::DashDotDotLine},
    {"headkv", "#c95200", "#ff8642", Qt::SolidLine},
}};

constexpr QLatin1Char twin('+');

const Series *findSeries(const QString &method)
{
    for (const Series &series : seriesTable) {
        if (method == QLatin1String(series.method)) {
            return &series;
        }
    }
    return nullptr;
}

QFont pixelFont(int pixels, QFont::Weight weight = QFont::Normal)
{
    QFont font = QGuiApplication::font();
    font.setPixelSize(pixels);
    font.setWeight(weight);
    return font;
}

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

} // namespace

QFont ChartStyle::font() const { return pixelFont(fontPixels); }
QFont ChartStyle::labelFont() const { return pixelFont(fontPixels); }
QFont ChartStyle::titleFont() const { return pixelFont(fontPixels + 1, QFont::DemiBold); }

ChartStyle ChartStyle::lightStyle()
{
    ChartStyle style;
    style.background = QColor("#ffffff");
    style.plotArea = QColor("#ffffff");
    style.axis = QColor("#7b838d");
    style.grid = QColor("#e6e9ed");
    style.text = QColor("#1f2328");
    style.mutedText = QColor("#57606a");
    style.accent = QColor("#0b62c4");
    style.primary = QColor("#41719c");
    style.missing = QColor("#eceef1");
    style.hatch = QColor("#c3c8cf");
    return style;
}

ChartStyle ChartStyle::darkStyle()
{
    ChartStyle style;
    style.background = QColor("#1e2126");
    style.plotArea = QColor("#1e2126");
    style.axis = QColor("#8a929d");
    style.grid = QColor("#31363d");
    style.text = QColor("#e8eaed");
    style.mutedText = QColor("#a6aeb8");
    style.accent = QColor("#6db3ff");
    style.primary = QColor("#7fb0dc");
    style.missing = QColor("#2a2e34");
    style.hatch = QColor("#4a515a");
    style.dark = true;
    return style;
}

ChartStyle ChartStyle::fromPalette(const QPalette &palette) { return isDark(palette) ? darkStyle() : lightStyle(); }

QColor ChartStyle::seriesColor(const QString &method) const
{
    constexpr double towardsText = 0.45;
    if (method.endsWith(twin))
        return mixedColor(seriesColor(method.chopped(1)), text, towardsText);
    const Series *series = findSeries(method);
    if (!series) {
        return seriesColor(static_cast<int>(qHash(method, 0) % seriesTable.size()));
    }
    return QColor(QLatin1String(dark ? series->dark : series->light));
}

QColor ChartStyle::seriesColor(int index) const
{
    // Strongest first: a chart of one or two series without a method looks like the program's own.
    constexpr std::array<int, 8> order{5, 7, 3, 4, 1, 2, 6, 0};
    const Series &series = seriesTable[order[static_cast<std::size_t>(std::abs(index)) % order.size()]];
    return QColor(QLatin1String(dark ? series.dark : series.light));
}

Qt::PenStyle ChartStyle::seriesPen(const QString &method)
{
    if (method.endsWith(twin))
        return seriesPen(method.chopped(1)) == Qt::DotLine ? Qt::DashLine : Qt::DotLine;
    const Series *series = findSeries(method);
    return series ? series->pen : Qt::SolidLine;
}

bool isDark(const QPalette &palette)
{
    return relativeLuminance(palette.color(QPalette::Window)) < relativeLuminance(palette.color(QPalette::WindowText));
}

double relativeLuminance(const QColor &color)
{
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrastRatio(const QColor &first, const QColor &second)
{
    const double a = relativeLuminance(first);
    const double b = relativeLuminance(second);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

QColor mixedColor(const QColor &first, const QColor &second, double share)
{
    const auto channel = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
    return {channel(first.red(), second.red()), channel(first.green(), second.green()),
            channel(first.blue(), second.blue())};
}

QColor textOn(const QColor &background)
{
    return contrastRatio(background, Qt::white) > contrastRatio(background, Qt::black) ? QColor(Qt::white)
                                                                                       : QColor(Qt::black);
}

} // namespace headkv
