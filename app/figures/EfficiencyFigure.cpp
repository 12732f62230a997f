// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/EfficiencyFigure.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "widgets/charts/FigureGrid.h"
#include "widgets/charts/LineChart.h"

#include <QCoreApplication>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::json;

QString tr(const char *text) { return QCoreApplication::translate("headkv::EfficiencyFigure", text); }

/// One row of the table, as far as the figure needs it.
struct Row
{
    std::string method;
    int budget = 0;
    int promptTokens = 0;
    double prefillSeconds = 0, decodeMilliseconds = 0, keptTokens = 0; ///< 0: not measured
};

Row rowOf(const Json &json)
{
    Row row;
    row.method = json.at("method").get<std::string>();
    row.budget = json.at("budget").is_null() ? 0 : json.at("budget").get<int>();
    row.promptTokens = json.at("prompt_tokens").get<int>();
    const auto perRate = [&json](const char *key, double amount) {
        const double rate = json.at(key).get<double>();
        return rate > 0 ? amount / rate : 0;
    };
    row.prefillSeconds = perRate("prefill_tokens_per_s", row.promptTokens);
    row.decodeMilliseconds = perRate("decode_tokens_per_s", 1000);
    row.keptTokens = json.value("kept_tokens", 0.0);
    return row;
}

std::vector<Row> readRows(const std::filesystem::path &file)
{
    const std::string text = readTextFile(file);
    try {
        const Json document = Json::parse(text);
        std::vector<Row> rows;
        for (const Json &row : document.at("rows"))
            rows.push_back(rowOf(row));
        if (rows.empty())
            throw Error(ErrorKind::Input, file.string() + ": the table has no rows; run headkv bench --out FILE");
        return rows;
    } catch (const Json::exception &error) {
        throw Error(ErrorKind::Input, file.string() + ": this is no report of headkv bench (" +
                                          std::string(error.what()) + "); make one with headkv bench --out FILE");
    }
}

QString nameOf(const Row &row)
{
    const QString method = QString::fromStdString(row.method);
    return row.budget > 0 ? QStringLiteral("%1 %2").arg(method).arg(row.budget) : method;
}

/// One line a method and budget, by x; of rows that share one, the mean.
template <typename X, typename Y>
std::vector<LineSeries> seriesOf(const std::vector<Row> &rows, X x, Y y)
{
    std::vector<LineSeries> series;
    std::vector<std::map<double, std::pair<double, int>>> points;
    for (const Row &row : rows) {
        if (y(row) <= 0 || x(row) <= 0)
            continue;
        const QString name = nameOf(row);
        auto found = std::ranges::find(series, name, &LineSeries::name);
        if (found == series.end()) {
            LineSeries added;
            added.name = name;
            added.method = QString::fromStdString(row.method);
            added.points = true;
            series.push_back(std::move(added));
            points.emplace_back();
            found = std::prev(series.end());
        }
        auto &[sum, count] = points[static_cast<std::size_t>(found - series.begin())][x(row)];
        sum += y(row);
        ++count;
    }
    // A method's colour, unless it has several budgets: then each line has its own.
    const auto shares = [&series](const LineSeries &line) {
        return std::ranges::count(series, line.method, &LineSeries::method) > 1;
    };
    if (std::ranges::any_of(series, shares))
        std::ranges::for_each(series, [](LineSeries &line) { line.method.clear(); });
    for (std::size_t i = 0; i < series.size(); ++i) {
        for (const auto &[at, value] : points[i]) {
            series[i].x.push_back(at);
            series[i].y.push_back(value.first / value.second);
        }
    }
    return series;
}

template <typename X, typename Y>
std::unique_ptr<LineChart> panel(const QString &title, const QString &xLabel, const QString &yLabel,
                                 const std::vector<Row> &rows, X x, Y y)
{
    auto chart = std::make_unique<LineChart>();
    chart->setTitle(title);
    chart->setAxes(xLabel, AxisKind::Tokens, yLabel, AxisKind::Number);
    std::vector<LineSeries> series = seriesOf(rows, x, y);
    double end = 1;
    for (const LineSeries &line : series)
        end = std::max(end, line.x.back());
    chart->setSeries(std::move(series));
    chart->setXRange(0, end * 1.03);
    return chart;
}

} // namespace

std::unique_ptr<Chart> efficiencyFigure(const std::vector<std::filesystem::path> &files)
{
    std::vector<Row> rows;
    for (const std::filesystem::path &file : files) {
        const std::vector<Row> more = readRows(file);
        rows.insert(rows.end(), more.begin(), more.end());
    }
    const auto prompt = [](const Row &row) { return static_cast<double>(row.promptTokens); };
    const auto kept = [](const Row &row) { return row.keptTokens; };
    const auto prefill = [](const Row &row) { return row.prefillSeconds; };
    const auto decode = [](const Row &row) { return row.decodeMilliseconds; };
    auto figure = std::make_unique<FigureGrid>();
    figure->setTitle(tr("Efficiency"));
    figure->add(panel(tr("Prefill"), tr("Prompt tokens"), tr("Seconds"), rows, prompt, prefill));
    figure->add(panel(tr("Decoding"), tr("Prompt tokens"), tr("Milliseconds a token"), rows, prompt, decode));
    figure->add(panel(tr("Decoding by what was kept"), tr("Kept tokens a head"), tr("Milliseconds a token"), rows, kept,
                      decode));
    return figure;
}

} // namespace headkv
