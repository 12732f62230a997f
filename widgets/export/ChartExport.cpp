// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/export/ChartExport.h"

#include "widgets/charts/Chart.h"
#include "widgets/export/SvgText.h"

#include <QBuffer>
#include <QClipboard>
#include <QCoreApplication>
#include <QFileInfo>
#include <QFontInfo>
#include <QGuiApplication>
#include <QMimeData>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <cmath>

namespace headkv {

namespace {

constexpr double screenDpi = 96; // of figureSize() and of CSS, and so of SVG
constexpr double millimetresPerInch = 25.4;
constexpr int pdfDpi = 1200;

QString tr(const char *text) { return QCoreApplication::translate("headkv::ChartExport", text); }

ChartStyle styleOf(const ExportOptions &options)
{
    return options.dark ? ChartStyle::darkStyle() : ChartStyle::lightStyle();
}

/// Pixels of a layout are 1/96 inch at the charts' own font size.
double layoutDpi(const ExportOptions &options) { return screenDpi * ExportOptions::ownFontPoints / options.fontPoints; }

/// The size in pixels at the asked resolution.
QSizeF exactPixels(const Chart &chart, const ExportOptions &options)
{
    if (options.size.isEmpty()) {
        return QSizeF(chart.figureSize()) * (options.dpi / screenDpi);
    }
    return options.unit == ExportOptions::Unit::Pixels ? options.size
                                                       : options.size * (options.dpi / millimetresPerInch);
}

/// The generator knows whole pixels only.
void setSvgSize(QByteArray &svg, const QSizeF &millimetres)
{
    const qsizetype from = svg.indexOf("width=\""), to = svg.indexOf("viewBox=");
    if (from >= 0 && to > from) {
        svg.replace(from, to - from,
                    QStringLiteral("width=\"%1mm\" height=\"%2mm\" ")
                        .arg(millimetres.width())
                        .arg(millimetres.height())
                        .toUtf8());
    }
}

QByteArray contents(const Chart &chart, const QString &format, const ExportOptions &options)
{
    if (format == QLatin1String("svg")) {
        return ChartExport::svg(chart, options);
    }
    if (format == QLatin1String("pdf")) {
        return ChartExport::pdf(chart, options);
    }
    if (format == QLatin1String("csv")) {
        return chart.csv().toUtf8();
    }
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    ChartExport::image(chart, options).save(&buffer, "PNG");
    return bytes;
}

} // namespace

QStringList ChartExport::formats()
{
    return {QStringLiteral("png"), QStringLiteral("svg"), QStringLiteral("pdf"), QStringLiteral("csv")};
}

QString ChartExport::check(const ExportOptions &options)
{
    if (options.dpi < ExportOptions::minDpi || options.dpi > ExportOptions::maxDpi) {
        return tr("Figure: a resolution of %1 dpi cannot be drawn; choose %2 to %3 dpi.")
            .arg(options.dpi)
            .arg(ExportOptions::minDpi)
            .arg(ExportOptions::maxDpi);
    }
    if (options.fontPoints < ExportOptions::minFontPoints || options.fontPoints > ExportOptions::maxFontPoints) {
        return tr("Figure: text of %1 pt cannot be drawn; choose %2 to %3 pt.")
            .arg(options.fontPoints)
            .arg(ExportOptions::minFontPoints)
            .arg(ExportOptions::maxFontPoints);
    }
    if (options.size.isEmpty()) {
        return {};
    }
    const double toPixels = options.unit == ExportOptions::Unit::Pixels ? 1 : options.dpi / millimetresPerInch;
    const QSizeF pixels = options.size * toPixels;
    const auto fits = [](double side) { return side >= ExportOptions::minPixels && side <= ExportOptions::maxPixels; };
    if (!fits(pixels.width()) || !fits(pixels.height())) {
        return tr("Figure: %1 × %2 pixels cannot be drawn; choose sides of %3 to %4 pixels, or another resolution.")
            .arg(std::lround(pixels.width()))
            .arg(std::lround(pixels.height()))
            .arg(ExportOptions::minPixels)
            .arg(ExportOptions::maxPixels);
    }
    return {};
}

QSize ChartExport::pixelSize(const Chart &chart, const ExportOptions &options)
{
    const QSizeF exact = exactPixels(chart, options);
    return {static_cast<int>(std::lround(exact.width())), static_cast<int>(std::lround(exact.height()))};
}

double ChartExport::scale(const ExportOptions &options) { return options.dpi / layoutDpi(options); }

QSize ChartExport::layoutSize(const Chart &chart, const ExportOptions &options)
{
    const QSizeF exact = exactPixels(chart, options) / scale(options);
    // Up: a figure that is a hair too large loses a hair of margin; one too small would leave a bare edge.
    return {static_cast<int>(std::ceil(exact.width() - 1e-6)), static_cast<int>(std::ceil(exact.height() - 1e-6))};
}

QSizeF ChartExport::sizeForWidth(const Chart &chart, double millimetres, double fontPoints)
{
    ExportOptions options;
    options.fontPoints = fontPoints;
    const double width = millimetres / millimetresPerInch * layoutDpi(options);
    const QSizeF own = chart.figureSize();
    const double height = std::max(own.height() * width / own.width(), double(chart.leastFigureSize().height()));
    return {millimetres, millimetres * height / width};
}

bool ChartExport::isLegible(const Chart &chart, const ExportOptions &options)
{
    const QSize least = chart.leastFigureSize();
    const QSize size = layoutSize(chart, options);
    return size.width() >= least.width() && size.height() >= least.height();
}

QSizeF ChartExport::leastSize(const Chart &chart, const ExportOptions &options)
{
    const double perPixel = options.unit == ExportOptions::Unit::Pixels ? 1 : millimetresPerInch / options.dpi;
    return QSizeF(chart.leastFigureSize()) * scale(options) * perPixel;
}

QImage ChartExport::image(const Chart &chart, const ExportOptions &options)
{
    QImage image(pixelSize(chart, options), QImage::Format_RGB32);
    image.fill(styleOf(options).background);
    chart.paint(image, layoutSize(chart, options), scale(options), styleOf(options), false);
    const int dotsPerMetre = static_cast<int>(std::lround(options.dpi / millimetresPerInch * 1000));
    image.setDotsPerMeterX(dotsPerMetre);
    image.setDotsPerMeterY(dotsPerMetre);
    return image;
}

QByteArray ChartExport::svg(const Chart &chart, const ExportOptions &options)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    const QSizeF exact = exactPixels(chart, options) * (screenDpi / options.dpi);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(static_cast<int>(screenDpi));
    generator.setSize(exact.toSize());
    generator.setViewBox(QRectF(QPointF(), exact));
    generator.setTitle(chart.title().toHtmlEscaped()); // the generator writes it as it is
    generator.setDescription(QCoreApplication::applicationName().toHtmlEscaped());
    chart.paint(generator, layoutSize(chart, options), screenDpi / layoutDpi(options), styleOf(options), true);
    setSvgSize(bytes, exact * (millimetresPerInch / screenDpi));
    if (options.textAsShapes) {
        return svgTextAsShapes(bytes);
    }
    // Name the font that "Sans Serif" stands for, and others like it for viewers that lack it.
    const QFont font = QGuiApplication::font();
    bytes.replace("font-family=\"" + font.family().toUtf8() + '"',
                  "font-family=\"" + QFontInfo(font).family().toUtf8() + ", Verdana, Helvetica, Arial, sans-serif\"");
    return bytes;
}

QByteArray ChartExport::pdf(const Chart &chart, const ExportOptions &options)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&buffer);
        writer.setTitle(chart.title());
        writer.setCreator(QCoreApplication::applicationName());
        writer.setResolution(pdfDpi);
        writer.setPageSize(
            QPageSize(exactPixels(chart, options) / options.dpi, QPageSize::Inch, QString(), QPageSize::ExactMatch));
        writer.setPageMargins(QMarginsF());
        chart.paint(writer, layoutSize(chart, options), pdfDpi / layoutDpi(options), styleOf(options), true);
    }
    return bytes;
}

QString ChartExport::save(const Chart &chart, const QString &path, const ExportOptions &options)
{
    const QString format = QFileInfo(path).suffix().toLower();
    if (!formats().contains(format)) {
        return tr("Figure: %1 names no known format; end the name in .png, .svg, .pdf or .csv.").arg(path);
    }
    if (chart.isEmpty()) {
        return tr("Figure: there is nothing to write to %1 yet; open or compute data first.").arg(path);
    }
    if (QString error = check(options); !error.isEmpty() && format != QLatin1String("csv")) {
        return error;
    }
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return tr("Figure: cannot write %1 (%2); choose another folder.").arg(path, file.errorString());
    }
    file.write(contents(chart, format, options));
    if (!file.commit()) {
        return tr("Figure: cannot write %1 (%2); choose another folder.").arg(path, file.errorString());
    }
    return {};
}

void ChartExport::copy(const Chart &chart, const ExportOptions &options)
{
    auto *mime = new QMimeData;
    mime->setImageData(image(chart, options));
    mime->setText(chart.csv());
    QGuiApplication::clipboard()->setMimeData(mime);
}

QString ChartExport::fileName(const QString &title)
{
    QString name;
    for (const QChar c : title.toLower()) {
        if (c.isLetterOrNumber()) {
            name += c;
        } else if (!name.isEmpty() && !name.endsWith(QLatin1Char('-'))) {
            name += QLatin1Char('-');
        }
    }
    while (name.endsWith(QLatin1Char('-'))) {
        name.chop(1);
    }
    return name.isEmpty() ? QStringLiteral("figure") : name;
}

} // namespace headkv
