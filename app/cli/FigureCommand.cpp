// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/Offscreen.h"
#include "app/cli/Validators.h"
#include "app/figures/EfficiencyFigure.h"
#include "app/figures/EvaluationFigures.h"
#include "app/figures/ScoreFigures.h"
#include "core/base/Error.h"
#include "core/evaluation/StoredEvaluation.h"
#include "widgets/charts/FigureGrid.h"
#include "widgets/export/ChartExport.h"

#include <QFileInfo>
#include <array>
#include <cmath>
#include <iostream>

namespace headkv {

namespace {

struct Options
{
    CommonOptions common;
    std::string kind, out, size, theme = "light";
    std::string scale = "linear", percentiles = "2,98", colors = "viridis";
    std::vector<std::string> files;
    int dpi = 96, top = 0, kvHeads = 0;
    double fontPoints = ExportOptions::ownFontPoints;
    bool keepsText = false;
};

constexpr std::array kinds{"heatmap", "lorenz", "difference", "efficiency", "accuracy", "niah"};

/// "800x600" in pixels, "85x60mm".
void readSize(const std::string &text, ExportOptions &how)
{
    QString numbers = QString::fromStdString(text);
    const bool millimetres = numbers.endsWith(QLatin1String("mm"));
    if (millimetres)
        numbers.chop(2);
    const QStringList parts = numbers.split(QLatin1Char('x'));
    const auto number = [millimetres](const QString &part) {
        bool good = false;
        const double value = millimetres ? part.toDouble(&good) : part.toInt(&good);
        return good ? value : 0;
    };
    how.size = parts.size() == 2 ? QSizeF(number(parts[0]), number(parts[1])) : QSizeF();
    how.unit = millimetres ? ExportOptions::Unit::Millimetres : ExportOptions::Unit::Pixels;
    if (!(how.size.width() > 0 && how.size.height() > 0))
        throw Error(ErrorKind::Usage,
                    "--size " + text + ": write width and height in pixels, as 800x600, or in millimetres, as 85x60mm");
}

HeatmapLook lookOf(const Options &options)
{
    HeatmapLook look;
    look.scale.kind = options.scale == "log"          ? HeatmapScale::Kind::Log
                      : options.scale == "percentile" ? HeatmapScale::Kind::Percentile
                                                      : HeatmapScale::Kind::Linear;
    const std::vector<double> ends = parseNumbers("--percentiles", options.percentiles);
    if (ends.size() != 2 || !(ends[0] >= 0 && ends[0] < ends[1] && ends[1] <= 100))
        throw Error(ErrorKind::Usage,
                    "--percentiles " + options.percentiles + ": write two that rise, from 0 to 100, as 2,98");
    look.scale.lowPercentile = ends[0];
    look.scale.highPercentile = ends[1];
    look.colors = ColorMap::fromString(QString::fromStdString(options.colors));
    look.top = options.top;
    look.kvHeads = options.kvHeads;
    return look;
}

std::unique_ptr<Chart> draw(const Options &options, const HeatmapLook &look)
{
    const FigureFiles files(options.files.begin(), options.files.end());
    if (options.kind == "heatmap")
        return heatmapFigure(files, look);
    if (options.kind == "lorenz")
        return lorenzFigure(files, look);
    if (options.kind == "difference")
        return differenceFigure(files, look);
    if (options.kind == "efficiency")
        return efficiencyFigure(files);
    if (files.size() != 1)
        throw Error(ErrorKind::Usage, options.kind + " draws one file of headkv evaluate; name one");
    const EvaluationRun run = readEvaluation(files.front()).run;
    const std::vector<EvaluationRow> rows = summarize(run);
    return options.kind == "niah" ? needleGridsFigure(run, rows) : accuracyFigure(run, rows);
}

/// What a user sees who has chosen a size; the figure's own is large enough.
void noteSmallSize(const Chart &figure, const Options &options, const ExportOptions &how)
{
    if (how.size.isEmpty() || QString::fromStdString(options.out).endsWith(QLatin1String(".csv")) ||
        ChartExport::isLegible(figure, how))
        return;
    const QSizeF least = ChartExport::leastSize(figure, how);
    std::cerr << "note: " << options.out << ": labels may run into each other at " << options.size << "; from "
              << std::ceil(least.width()) << 'x' << std::ceil(least.height())
              << (how.unit == ExportOptions::Unit::Pixels ? "" : "mm") << " on they do not"
              << (how.fontPoints > ExportOptions::minFontPoints ? ", or with a smaller --font-size" : "") << "\n";
}

void addHeatmapOptions(CLI::App &command, Options &options)
{
    command.add_option("--scale", options.scale, "heatmap: linear, log or percentile")
        ->capture_default_str()
        ->check(CLI::IsMember({"linear", "log", "percentile"}));
    command.add_option("--percentiles", options.percentiles, "heatmap: the ends of the percentile scale")
        ->capture_default_str()
        ->check(notEmpty());
    command.add_option("--colors", options.colors, "heatmap: viridis, cividis or magma")
        ->capture_default_str()
        ->check(CLI::IsMember({"viridis", "cividis", "magma"}));
    command.add_option("--top", options.top, "heatmap: strongest heads to outline")
        ->capture_default_str()
        ->transform(wholeNumber(0, 1 << 20));
    command
        .add_option("--kv-heads", options.kvHeads,
                    "of scores: show KV groups, the means of the query heads that share one of so many KV heads")
        ->transform(wholeNumber(1, 1 << 16));
}

void run(const Options &options)
{
    (void)options.common.modelOptions();
    ExportOptions how;
    how.dpi = options.dpi;
    how.dark = options.theme == "dark";
    if (!options.size.empty())
        readSize(options.size, how);
    how.fontPoints = options.fontPoints;
    how.textAsShapes = !options.keepsText;
    const HeatmapLook look = lookOf(options);
    const QString out = QString::fromStdString(options.out);
    if (!ChartExport::formats().contains(QFileInfo(out).suffix().toLower()))
        throw Error(ErrorKind::Usage, "--out " + options.out + ": end it in ." +
                                          ChartExport::formats().join(QStringLiteral(", .")).toStdString());
    if (const QString problem = ChartExport::check(how); !problem.isEmpty())
        throw Error(ErrorKind::Usage, problem.toStdString());
    std::vector<NamedFile> inputs;
    for (const std::string &file : options.files)
        inputs.push_back({"FILE", file});
    requireDistinct({{"--out", options.out}}, inputs);
    requireWritable("--out", options.out);

    const Offscreen screen;
    const std::unique_ptr<Chart> figure = draw(options, look);
    if (!options.common.isQuiet())
        noteSmallSize(*figure, options, how);
    if (const QString problem = ChartExport::save(*figure, out, how); !problem.isEmpty())
        throw Error(ErrorKind::Failed, problem.toStdString());
}

} // namespace

void addFigureCommand(CLI::App &program)
{
    CLI::App *command = program.add_subcommand("figure", "Draws a figure as the desktop program does, to a file");
    const auto options = std::make_shared<Options>();
    command
        ->add_option("KIND", options->kind,
                     "heatmap: head scores, or budgets of headkv allocate --out; lorenz: how unequal scores are; "
                     "difference: shares in one score file less those in another; efficiency: time of prompts and "
                     "tokens, and what longer answers cost, from the reports of headkv bench --out; accuracy: score "
                     "against budget, and niah: needles "
                     "by length and depth, from the results of headkv evaluate --out")
        ->required()
        ->check(CLI::IsMember(std::vector<std::string>(kinds.begin(), kinds.end())));
    command
        ->add_option("FILE", options->files,
                     "what to draw; several: heatmaps side by side on one range, a Lorenz curve each, two for a "
                     "difference, bench reports as one table")
        ->required()
        ->check(notEmpty());
    command->add_option("--out", options->out, "the figure: .png, .svg, .pdf, or its numbers as .csv")
        ->required()
        ->check(notEmpty());
    addHeatmapOptions(*command, *options);
    command
        ->add_option("--size", options->size,
                     "in pixels, as 800x600, or on paper, as 85x60mm (default: the figure's own); too small for the "
                     "labels, a note says so")
        ->check(notEmpty());
    command
        ->add_option("--font-size", options->fontPoints,
                     "of the smallest text on paper, in points; lines and gaps go with it")
        ->capture_default_str()
        ->check(realNumber(ExportOptions::minFontPoints, ExportOptions::maxFontPoints));
    command->add_flag("--keep-text", options->keepsText,
                      "in SVG, text that can be edited, not the shapes of its letters");
    command->add_option("--dpi", options->dpi, "pixels to the inch; text and lines keep their size on paper")
        ->capture_default_str()
        ->transform(wholeNumber(ExportOptions::minDpi, ExportOptions::maxDpi));
    command->add_option("--theme", options->theme, "light or dark")
        ->capture_default_str()
        ->check(CLI::IsMember({"light", "dark"}));
    options->common.addTo(*command, false);
    command->callback([options] { run(*options); });
}

} // namespace headkv
