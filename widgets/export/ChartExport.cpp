// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/export/ChartExport.h"

#include "widgets/charts/Chart.h"

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

constexpr double layoutDpi = ChartExport::layoutDpi;
constexpr double millimetresPerInch = 25.4;
constexpr int pdfDpi = 1200;

QString tr(const char *text) { return QCoreApplication::translate("headkv::ChartExport", text); }

ChartStyle styleOf(const ExportOptions &options)
{
    return options.dark ? ChartStyle::darkStyle() : ChartStyle::lightStyle();
}

/// The size in pixels at the asked resolution.
QSizeF exactPixels(const Chart &chart, const ExportOptions &options)
{
    if (options.size.isEmpty()) {
        return QSizeF(chart.figureSize()) * (options.dpi / layoutDpi);
    }
    return options.unit == ExportOptions::Unit::Pixels ? options.size
                                                       : options.size * (options.dpi / millimetresPerInch);
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

QSize ChartExport::layoutSize(const Chart &chart, const ExportOptions &options)
{
    const QSizeF exact = exactPixels(chart, options) * (layoutDpi / options.dpi);
    // Up: a figure that is a hair too large loses a hair of margin; one too small would leave a bare edge.
    return {static_cast<int>(std::ceil(exact.width() - 1e-6)), static_cast<int>(std::ceil(exact.height() - 1e-6))};
}

QImage ChartExport::image(const Chart &chart, const ExportOptions &options)
{
    QImage image(pixelSize(chart, options), QImage::Format_RGB32);
    image.fill(styleOf(options).background);
    chart.paint(image, layoutSize(chart, options), options.dpi / layoutDpi, styleOf(options), false);
    const int dotsPerMetre = static_cast<int>(std::lround(options.dpi / millimetresPerInch * 1000));
    image.setDotsPerMeterX(dotsPerMetre);
    image.setDotsPerMeterY(dotsPerMetre);
    return image;
}

QByteArray ChartExport::svg(const Chart &chart, const ExportOptions &options)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    const QSize size = layoutSize(chart, options);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(static_cast<int>(layoutDpi));
    generator.setSize(size);
    generator.setViewBox(QRect(QPoint(), size));
    generator.setTitle(chart.title().toHtmlEscaped()); // the generator writes it as it is
    generator.setDescription(QCoreApplication::applicationName().toHtmlEscaped());
    chart.paint(generator, size, 1, styleOf(options), true);
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
        const QSize size = layoutSize(chart, options);
        QPdfWriter writer(&buffer);
        writer.setTitle(chart.title());
        writer.setCreator(QCoreApplication::applicationName());
        writer.setResolution(pdfDpi);
        writer.setPageSize(QPageSize(QSizeF(size) / layoutDpi, QPageSize::Inch, QString(), QPageSize::ExactMatch));
        writer.setPageMargins(QMarginsF());
        chart.paint(writer, size, pdfDpi / layoutDpi, styleOf(options), true);
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
