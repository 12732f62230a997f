// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/export/ChartExport.h"
#include "widgets/charts/ColorScaleView.h"
#include "widgets/charts/FigureGrid.h"
#include "widgets/charts/HeadSketch.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/LegendView.h"
#include "widgets/charts/MemoryChart.h"
#include "widgets/charts/ProbeGridView.h"
#include "widgets/export/ExportDialog.h"

#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QMimeData>
#include <QPainter>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <limits>
#include <qcustomplot.h>

using namespace headkv;

namespace {

HeatmapData sample(int layers = 30, int heads = 9)
{
    HeatmapData data;
    data.layers = layers;
    data.heads = heads;
    for (int i = 0; i < layers * heads; ++i) {
        data.values.push_back(i == 5 ? std::numeric_limits<double>::quiet_NaN() : 1.0 / (i + 3));
    }
    data.standardErrors.assign(data.values.size(), 1.0 / 7);
    return data;
}

QByteArray read(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class ChartExportTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    QString path(const QString &name) const { return m_folder.filePath(name); }

private Q_SLOTS:
    void png()
    {
        HeatmapView view;
        view.setData(sample());
        ExportOptions options;
        options.size = {85, 60};
        options.unit = ExportOptions::Unit::Millimetres;
        options.dpi = 300;
        QCOMPARE(ChartExport::save(view, path("a.png"), options), QString());
        const QImage image(path("a.png"));
        QCOMPARE(image.size(), QSize(1004, 709)); // 85 mm and 60 mm at 300 dpi
        QCOMPARE(image.dotsPerMeterX(), 11811);
        QCOMPARE(image.pixelColor(3, 3), QColor(Qt::white));
        options.dark = true;
        QCOMPARE(ChartExport::image(view, options).pixelColor(3, 3), ChartStyle::darkStyle().background);
    }

    void figuresInRows()
    {
        FigureGrid figure;
        const auto add = [&figure](const char *title) {
            ProbeGridData data{.lengths = {512}, .depths = {0.5}, .cells = {{.passed = 1, .done = 1, .total = 1}}};
            auto view = std::make_unique<ProbeGridView>();
            view->setTitle(QString::fromLatin1(title));
            view->setColorBarVisible(false);
            view->setData(std::move(data));
            figure.add(std::move(view));
        };
        add("one");
        add("two");
        figure.endRow();
        figure.skip();
        add("three");
        figure.setSide(std::make_unique<ColorScaleView>(ColorMap::Name::Viridis, QStringLiteral("Recall")));
        QStringList panels;
        for (const QString &line : figure.csv().split('\n', Qt::SkipEmptyParts).mid(1))
            panels << line.section(',', 0, 0);
        QCOMPARE(panels, (QStringList{"one", "two", "three"}));
        ExportOptions options;
        options.size = {800, 600};
        const QImage image = ChartExport::image(figure, options);
        const int side = ColorScaleView(ColorMap::Name::Viridis, {}).figureSize().width();
        const QColor best(ColorMap::get(ColorMap::Name::Viridis).color(1));
        const auto shows = [&image](const QRect &part, const QColor &color) {
            int pixels = 0;
            for (int y = part.top(); y <= part.bottom(); ++y) {
                for (int x = part.left(); x <= part.right(); ++x)
                    pixels += image.pixelColor(x, y) == color ? 1 : 0;
            }
            return pixels;
        };
        const int half = (800 - side) / 2;
        QVERIFY(shows({0, 0, half, 300}, best) > 5000);
        QVERIFY(shows({half, 300, half, 300}, best) > 5000);
        QCOMPARE(shows({0, 301, half - 1, 298}, Qt::white), (half - 1) * 298); // left empty
        QVERIFY(shows({800 - side, 0, side, 600}, Qt::white) < side * 600 - 1000);
        LegendView legend;
        std::vector<LineSeries> series(2);
        series[0].name = "FullKV";
        series[0].method = "full";
        series[1].name = "HeadKV";
        series[1].method = "headkv";
        legend.setSeries(series);
        const QImage names = ChartExport::image(legend);
        const QColor full = ChartStyle::lightStyle().seriesColor("full");
        int drawn = 0;
        for (int y = 0; y < names.height(); ++y) {
            for (int x = 0; x < names.width(); ++x)
                drawn += names.pixelColor(x, y) == full ? 1 : 0;
        }
        QVERIFY2(drawn > 20, qPrintable(QString::number(drawn)));
    }

    void pngShowsTheData()
    {
        HeatmapView view;
        HeatmapData data;
        data.layers = 2;
        data.heads = 2;
        data.values = {0, 0, 1, 1};
        view.setData(data);
        ExportOptions options;
        options.size = {600, 400};
        const QImage image = ChartExport::image(view, options);
        const ColorMap &map = ColorMap::get(ColorMap::Name::Viridis);
        QCOMPARE(image.pixelColor(200, 180), QColor(map.color(0)));
        QCOMPARE(image.pixelColor(400, 180), QColor(map.color(1)));
    }

    void svgIsVectors()
    {
        HeatmapView view;
        view.setTitle(QStringLiteral("Scores <R>"));
        view.setData(sample());
        view.setPins({{3, 3}});
        ExportOptions options;
        options.textAsShapes = false;
        QCOMPARE(ChartExport::save(view, path("a.svg"), options), QString());
        QXmlStreamReader xml(read(path("a.svg")));
        int rects = 0;
        int texts = 0;
        QString allText;
        while (!xml.atEnd()) {
            if (xml.readNext() == QXmlStreamReader::StartElement) {
                QVERIFY2(xml.name() != QLatin1String("image"), "an image in an SVG");
                rects += xml.name() == QLatin1String("rect");
                if (xml.name() == QLatin1String("text")) {
                    ++texts;
                    allText += xml.readElementText(QXmlStreamReader::IncludeChildElements).trimmed() + QLatin1Char('|');
                }
            }
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        QVERIFY2(rects >= 30 * 9, qPrintable(QString::number(rects)));
        QVERIFY(texts > 10);
        for (const char *label : {"Layer", "Query head", "Scores <R>", "Score"}) {
            QVERIFY2(allText.contains(QLatin1String(label)), label);
        }
        QVERIFY(QSvgRenderer(path("a.svg")).isValid());
    }

    void svgTextAsShapes()
    {
        HeatmapView view;
        view.setTitle(QStringLiteral("Scores <R> & more"));
        view.setData(sample());
        ExportOptions options;
        options.textAsShapes = false;
        const QByteArray text = ChartExport::svg(view, options);
        const QByteArray shapes = ChartExport::svg(view);
        QVERIFY(!shapes.contains("<text") && !shapes.contains("<image"));
        QVERIFY(shapes.contains("aria-label=\"Query head\"") && shapes.contains("Scores &lt;R&gt; &amp; more"));
        // The same picture, but for how letters are smoothed.
        const auto render = [](const QByteArray &svg) {
            QImage image(720, 432, QImage::Format_RGB32);
            image.fill(Qt::white);
            QPainter painter(&image);
            QSvgRenderer renderer(svg);
            renderer.render(&painter);
            return image;
        };
        const QImage one = render(text), other = render(shapes);
        int differ = 0, ink = 0;
        for (int y = 0; y < one.height(); ++y) {
            for (int x = 0; x < one.width(); ++x) {
                ink += qGray(other.pixel(x, y)) < 250;
                differ += std::abs(qGray(one.pixel(x, y)) - qGray(other.pixel(x, y))) > 96;
            }
        }
        QVERIFY2(ink > 20000 && differ < 1500, qPrintable(QStringLiteral("%1 of %2").arg(differ).arg(ink)));
    }

    void fontSizeAndColumns()
    {
        HeatmapView view;
        view.setData(sample());
        ExportOptions options;
        options.unit = ExportOptions::Unit::Millimetres;
        options.fontPoints = 8;
        options.size = ChartExport::sizeForWidth(view, ExportOptions::oneColumn, options.fontPoints);
        QCOMPARE(options.size.width(), 85.0);
        QVERIFY(ChartExport::isLegible(view, options));
        QCOMPARE(ChartExport::layoutSize(view, options).width(), 362); // 85 mm at 96 · 9 / 8 dpi
        options.textAsShapes = false;
        const QByteArray svg = ChartExport::svg(view, options);
        QVERIFY(svg.contains("width=\"85mm\""));
        // Letters of 12 pixels in a picture that is drawn at 8 / 9: 8 points.
        QVERIFY(svg.contains("matrix(0.888889,0,0,0.888889"));
        QVERIFY(svg.contains("font-size=\"12\""));
        options.dpi = 300;
        QCOMPARE(ChartExport::image(view, options).width(), 1004);
        options.size.setWidth(30);
        QVERIFY(!ChartExport::isLegible(view, options));
        options.fontPoints = 1;
        QVERIFY(ChartExport::check(options).contains(QStringLiteral("pt")));
    }

    void svgCellsHaveTheirColors()
    {
        HeatmapView view;
        view.setData(sample(4, 3));
        const QString svg = QString::fromUtf8(ChartExport::svg(view));
        const ValueRange range = view.range();
        for (const double value : view.data().values) {
            if (!std::isnan(value)) {
                const QColor color(ColorMap::get(ColorMap::Name::Viridis)
                                       .color(scalePosition(value, range, HeatmapScale::Kind::Linear)));
                QVERIFY2(svg.contains(color.name()), qPrintable(color.name()));
            }
        }
    }

    void pdf()
    {
        HeatmapView view;
        view.setData(sample());
        QCOMPARE(ChartExport::save(view, path("a.pdf")), QString());
        const QByteArray bytes = read(path("a.pdf"));
        QVERIFY(bytes.startsWith("%PDF-"));
        QVERIFY(bytes.trimmed().endsWith("%%EOF"));
        QVERIFY(!bytes.contains("/Subtype /Image"));
        QVERIFY(bytes.contains("/FontFile")); // embedded
        // 720 × 432 pixels at 96 dpi: 540 × 324 points.
        QVERIFY(bytes.contains("/MediaBox [0 0 540 324]") || bytes.contains("/MediaBox [0 0 540.000000 324.000000]"));
    }

    void csvHasTheNumbers()
    {
        HeatmapView view;
        view.setData(sample());
        QCOMPARE(ChartExport::save(view, path("a.csv")), QString());
        const QList<QByteArray> lines = read(path("a.csv")).trimmed().split('\n');
        QCOMPARE(lines.size(), 1 + 270);
        QCOMPARE(lines.first(), QByteArray("layer,query_head,Score,standard_error"));
        for (int i = 0; i < 270; ++i) {
            const QList<QByteArray> fields = lines.at(i + 1).split(',');
            QCOMPARE(fields.at(0).toInt(), i / 9);
            QCOMPARE(fields.at(1).toInt(), i % 9);
            if (i == 5) {
                QVERIFY(fields.at(2).isEmpty());
            } else {
                QCOMPARE(fields.at(2).toDouble(), view.data().values[static_cast<std::size_t>(i)]); // to the last bit
            }
        }
    }

    void screenStaysAsItIs()
    {
        HeatmapView view;
        view.setData(sample());
        view.resize(500, 300);
        view.show();
        view.setChartStyle(ChartStyle::darkStyle());
        view.plot()->xAxis->setRange(5, 15);
        view.plot()->replot(QCustomPlot::rpImmediateRefresh);
        const QImage before = view.grab().toImage();
        QSignalSpy replots(view.plot(), &QCustomPlot::beforeReplot);
        QVERIFY(!ChartExport::image(view).isNull());
        QVERIFY(!ChartExport::svg(view).isEmpty());
        QCOMPARE(replots.count(), 0);
        QCOMPARE(view.grab().toImage(), before);
        QCOMPARE(view.plot()->xAxis->range(), QCPRange(5, 15));
    }

    void otherCharts()
    {
        MemoryChart memory;
        memory.setCurves({{QStringLiteral("FullKV"), QStringLiteral("full"), {0, 8192}, {0, 1e8}}});
        HeadSketch sketch;
        sketch.setModel(30, 9, 3);
        ProbeGridView grid;
        ProbeGridData cells;
        cells.lengths = {512, 1024};
        cells.depths = {0, 0.5, 1};
        cells.cells.assign(6, {1, 2, 3});
        grid.setData(cells);
        int index = 0;
        for (const Chart *chart : std::initializer_list<const Chart *>{&memory, &sketch, &grid}) {
            for (const QString &format : ChartExport::formats()) {
                const QString file = path(QStringLiteral("other-%1.%2").arg(index).arg(format));
                QCOMPARE(ChartExport::save(*chart, file), QString());
                QVERIFY(QFileInfo(file).size() > 20);
            }
            QVERIFY(!ChartExport::svg(*chart).contains("<image"));
            ++index;
        }
    }

    void refusals()
    {
        HeatmapView view;
        QVERIFY(ChartExport::save(view, path("empty.png")).contains(QStringLiteral("nothing to write")));
        QVERIFY(!QFile::exists(path("empty.png")));
        view.setData(sample());
        const QString unknown = ChartExport::save(view, path("a.gif"));
        QVERIFY(unknown.contains(QStringLiteral(".png")) && !unknown.contains('\n'));
        QVERIFY(!ChartExport::save(view, path("no/such/folder/a.png")).isEmpty());
        ExportOptions options;
        options.size = {100000, 400};
        QVERIFY(ChartExport::save(view, path("b.png"), options).contains(QStringLiteral("100000")));
        options = {};
        options.dpi = 5;
        QVERIFY(!ChartExport::save(view, path("b.png"), options).isEmpty());
        QVERIFY(!QFile::exists(path("b.png")));
        QCOMPARE(ChartExport::fileName(QStringLiteral("Head scores (R)")), QStringLiteral("head-scores-r"));
        QCOMPARE(ChartExport::fileName(QStringLiteral("…")), QStringLiteral("figure"));
    }

    void failedWriteKeepsTheOldFile()
    {
        HeatmapView view;
        view.setData(sample());
        QCOMPARE(ChartExport::save(view, path("kept.csv")), QString());
        const QByteArray old = read(path("kept.csv"));
        HeatmapView empty;
        QVERIFY(!ChartExport::save(empty, path("kept.csv")).isEmpty());
        QCOMPARE(read(path("kept.csv")), old);
        QCOMPARE(QDir(m_folder.path()).entryList({"kept*"}, QDir::Files).size(), 1); // and no temporary one
    }

    void clipboard()
    {
        HeatmapView view;
        view.setData(sample());
        ChartExport::copy(view);
        const QMimeData *mime = QGuiApplication::clipboard()->mimeData();
        QVERIFY(mime->hasImage());
        QCOMPARE(mime->text(), view.csv());
    }

    void dialog()
    {
        HeatmapView view;
        view.setData(sample());
        ExportDialog dialog(view, m_folder.path());
        QCOMPARE(dialog.format(), QStringLiteral("png"));
        QCOMPARE(dialog.preset(), ExportDialog::Own);
        QCOMPARE(dialog.options().size, QSizeF(view.figureSize()));
        dialog.setPreset(ExportDialog::OneColumn);
        QCOMPARE(dialog.options().size.width(), 85.0);
        QVERIFY(dialog.options().unit == ExportOptions::Unit::Millimetres);
        dialog.copy();
        QCOMPARE(qvariant_cast<QImage>(QGuiApplication::clipboard()->mimeData()->imageData()).size(),
                 ChartExport::pixelSize(view, dialog.options()));
        ExportOptions options;
        options.size = {100, 50};
        options.unit = ExportOptions::Unit::Millimetres;
        options.dpi = 254;
        options.dark = true;
        dialog.setOptions(options);
        QCOMPARE(dialog.options().size, QSizeF(100, 50));
        dialog.setFormat(QStringLiteral("png"));
        QSignalSpy saved(&dialog, &ExportDialog::saved);
        QVERIFY(!dialog.saveTo(path("no/folder.png")));
        QCOMPARE(saved.count(), 0);
        QVERIFY(dialog.saveTo(path("dialog.png")));
        QCOMPARE(saved.count(), 1);
        QCOMPARE(QImage(path("dialog.png")).size(), QSize(1000, 500));
        QCOMPARE(QImage(path("dialog.png")).pixelColor(2, 2), ChartStyle::darkStyle().background);
    }
};

QTEST_MAIN(ChartExportTest)
#include "ChartExportTest.moc"
