// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/ScoreFigures.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/probe/HeadScoreFile.h"
#include "core/probe/HeadStatistics.h"
#include "widgets/charts/FigureGrid.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/charts/LorenzView.h"
#include "widgets/charts/ScoreCharts.h"

#include <QCoreApplication>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

namespace headkv {

namespace {

using Json = nlohmann::json;

QString tr(const char *text) { return QCoreApplication::translate("headkv::ScoreFigures", text); }

QString nameOf(const std::filesystem::path &file) { return QString::fromStdString(file.stem().string()); }

/// A score file as the figures take it.
struct ReadScores
{
    QString name;
    HeadScores scores;
    HeadScoreSummary summary;
};

ReadScores takeScores(HeadScores scores, const std::filesystem::path &file, int kvHeads)
{
    if (kvHeads > 0)
        scores = groupHeads(scores, kvHeads);
    HeadScoreSummary summary = summarize(scores);
    return {nameOf(file), std::move(scores), std::move(summary)};
}

std::vector<ReadScores> readAll(const FigureFiles &files, const HeatmapLook &look)
{
    std::vector<ReadScores> sets;
    for (const std::filesystem::path &file : files)
        sets.push_back(takeScores(readHeadScores(file), file, look.kvHeads));
    return sets;
}

QString headLabel(const HeatmapLook &look) { return look.kvHeads > 0 ? tr("KV group") : tr("Query head"); }

/// Ranks from 1 by falling value, ties by place.
std::vector<int> ranksOf(const std::vector<double> &values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
    std::vector<int> ranks(values.size());
    for (std::size_t place = 0; place < order.size(); ++place)
        ranks[order[place]] = static_cast<int>(place) + 1;
    return ranks;
}

/// One panel of a heatmap figure, before the range is known.
struct Panel
{
    QString title;
    HeatmapData data;
    bool isBudget = false;
};

Panel budgetPanel(const Json &document)
{
    const auto rows = document.at("capacities").get<std::vector<std::vector<double>>>();
    Panel panel{QString::fromStdString(document.at("method").get<std::string>()), {}, true};
    if (document.at("budget").is_number())
        panel.title += tr(", budget %1").arg(document.at("budget").get<int>());
    if (document.at("beta").is_number())
        panel.title += tr(", β %1").arg(document.at("beta").get<double>());
    panel.data.layers = static_cast<int>(rows.size());
    panel.data.heads = rows.empty() ? 0 : static_cast<int>(rows.front().size());
    for (const std::vector<double> &row : rows)
        panel.data.values.insert(panel.data.values.end(), row.begin(), row.end());
    panel.data.ranks = ranksOf(panel.data.values);
    panel.data.valueLabel = tr("Capacity (tokens)");
    panel.data.headLabel = document.at("granularity") == "kv-head" ? tr("KV head") : tr("Query head");
    panel.data.wholeNumbers = true;
    return panel;
}

Panel readPanel(const std::filesystem::path &file, const HeatmapLook &look)
{
    const std::string text = readTextFile(file);
    if (text.find("\"capacities\"") == std::string::npos) { // no key of a score file is spelt so
        const ReadScores set = takeScores(parseHeadScores(text, file.string()), file, look.kvHeads);
        Panel panel{set.name, heatmapData(set.scores, set.summary)};
        panel.data.headLabel = headLabel(look);
        return panel;
    }
    try {
        Panel panel = budgetPanel(Json::parse(text));
        if (panel.data.values.empty() || !panel.data.isConsistent())
            throw Error(ErrorKind::Input, file.string() + ": its layers differ in their number of heads; make it anew "
                                                          "with headkv allocate --out");
        return panel;
    } catch (const Json::exception &) {
        throw Error(ErrorKind::Input, file.string() + ": not budgets of headkv allocate, or cut short; make some with "
                                                      "headkv allocate --out");
    }
}

std::unique_ptr<HeatmapView> heatmap(const QString &title, HeatmapData data, const HeatmapScale &scale,
                                     ColorMap::Name colors, int top)
{
    auto view = std::make_unique<HeatmapView>();
    view->setTitle(title);
    view->setColorMap(colors);
    view->setTopK(top);
    view->setData(std::move(data), scale);
    return view;
}

} // namespace

std::unique_ptr<Chart> heatmapFigure(const FigureFiles &files, const HeatmapLook &look)
{
    std::vector<Panel> panels;
    std::vector<HeatmapData> all;
    for (const std::filesystem::path &file : files) {
        panels.push_back(readPanel(file, look));
        all.push_back(panels.back().data);
        if (panels.back().isBudget != panels.front().isBudget)
            throw Error(ErrorKind::Usage, "figure heatmap: " + file.string() +
                                              ": scores and budgets have no range in common; draw them apart");
    }
    HeatmapScale scale = look.scale;
    scale.fixed = sharedRange(all, scale);
    auto row = std::make_unique<FigureGrid>();
    row->setTitle(panels.front().isBudget ? tr("Head budgets") : tr("Head scores"));
    for (Panel &panel : panels) {
        auto view = heatmap(panel.title, std::move(panel.data), scale, look.colors, look.top);
        if (panels.size() == 1)
            return view;
        row->add(std::move(view));
    }
    return row;
}

std::unique_ptr<Chart> lorenzFigure(const FigureFiles &files, const HeatmapLook &look)
{
    std::vector<LorenzCurve> curves;
    for (const ReadScores &set : readAll(files, look))
        curves.push_back({set.name, set.summary.lorenz});
    auto chart = std::make_unique<LorenzView>();
    chart->setTitle(tr("How unequal the heads are"));
    chart->setCurves(curves);
    return chart;
}

std::unique_ptr<Chart> differenceFigure(const FigureFiles &files, const HeatmapLook &look)
{
    if (files.size() != 2)
        throw Error(ErrorKind::Usage, "figure difference: give two score files, not " + std::to_string(files.size()));
    const std::vector<ReadScores> sets = readAll(files, look);
    (void)compare(sets[0].scores, sets[1].scores); // says what is wrong with other shapes
    HeatmapData data = differenceData({sets[0].name, &sets[0].scores, &sets[0].summary},
                                      {sets[1].name, &sets[1].scores, &sets[1].summary});
    data.headLabel = headLabel(look);
    HeatmapScale scale;
    scale.kind = HeatmapScale::Kind::Symmetric;
    return heatmap(tr("%1 less %2").arg(sets[0].name, sets[1].name), std::move(data), scale, ColorMap::Name::Diverging,
                   0);
}

} // namespace headkv
