// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Arguments.h"
#include "app/cli/Commands.h"
#include "app/cli/CommonOptions.h"
#include "app/cli/EfficiencyFigure.h"
#include "app/cli/Validators.h"
#include "core/base/Error.h"
#include "widgets/charts/Chart.h"
#include "widgets/export/ChartExport.h"

#include <QApplication>
#include <QFileInfo>

namespace headkv {

namespace {

struct Options
{
    CommonOptions common;
    std::string kind, out, size, theme = "light";
    std::vector<std::string> files;
    int dpi = 96;
};

/// "800x600" in pixels.
QSizeF sizeOf(const std::string &text)
{
    const QStringList parts = QString::fromStdString(text).split(QLatin1Char('x'));
    bool isWidth = false, isHeight = false;
    const QSizeF size = parts.size() == 2 ? QSizeF(parts[0].toInt(&isWidth), parts[1].toInt(&isHeight)) : QSizeF();
    if (!isWidth || !isHeight || size.isEmpty())
        throw Error(ErrorKind::Usage, "--size " + text + ": write width and height in pixels, as 800x600");
    return size;
}

void run(const Options &options)
{
    (void)options.common.modelOptions();
    ExportOptions how;
    how.dpi = options.dpi;
    how.dark = options.theme == "dark";
    if (!options.size.empty())
        how.size = sizeOf(options.size);
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

    qputenv("QT_QPA_PLATFORM", "offscreen"); // a figure needs no screen
    qInstallMessageHandler(
        [](QtMsgType, const QMessageLogContext &, const QString &) {}); // nor what Qt says of its own
    int argc = 1;
    char name[] = "headkv";
    char *argv[] = {name, nullptr};
    const QApplication application(argc, argv);
    const std::unique_ptr<Chart> figure = efficiencyFigure({options.files.begin(), options.files.end()});
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
                     "efficiency: time of prompts and tokens, from the reports of headkv bench --out")
        ->required()
        ->check(CLI::IsMember({"efficiency"}));
    command->add_option("FILE", options->files, "what to draw; several are taken as one")
        ->required()
        ->check(notEmpty());
    command->add_option("--out", options->out, "the figure: .png, .svg, .pdf, or its numbers as .csv")
        ->required()
        ->check(notEmpty());
    command->add_option("--size", options->size, "in pixels, as 800x600 (default: the figure's own)")
        ->check(notEmpty());
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
