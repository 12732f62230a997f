// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/EfficiencyFigure.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "widgets/Formats.h"
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
    int promptTokens = 0, newTokens = 0;
    double prefillSeconds = 0, decodeMilliseconds = 0, keptTokens = 0; ///< 0: not measured
    double totalSeconds = 0, kvBytes = 0, residentBytes = 0;           ///< likewise; bytes at their peak
    double deviceBytes = 0;                                            ///< 0: on the CPU
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
    row.newTokens = json.at("new_tokens").get<int>();
    row.totalSeconds = json.value("total_s", 0.0);
    row.kvBytes = json.value("kv_bytes_peak", 0.0);
    row.residentBytes = json.value("rss_peak_bytes", 0.0);
    row.deviceBytes = json.value("device_peak_bytes", 0.0);
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
    } catch (const Json::exception &) {
        throw Error(ErrorKind::Input, file.string() + ": not a report of headkv bench, or cut short; make one with "
                                                      "headkv bench --out FILE");
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
                                 const std::vector<Row> &rows, X x, Y y, AxisKind kind = AxisKind::Number)
{
    auto chart = std::make_unique<LineChart>();
    chart->setTitle(title);
    chart->setAxes(xLabel, AxisKind::Tokens, yLabel, kind);
    std::vector<LineSeries> series = seriesOf(rows, x, y);
    double end = 1;
    for (const LineSeries &line : series)
        end = std::max(end, line.x.back());
    chart->setSeries(std::move(series));
    chart->setXRange(0, end * 1.03);
    return chart;
}

/// What generating longer answers costs behind the longest prompt, where several lengths were measured (the paper's
/// Figure 6).
void addGenerationPanels(FigureGrid &figure, const std::vector<Row> &rows)
{
    const int longest = std::ranges::max_element(rows, {}, &Row::promptTokens)->promptTokens;
    std::vector<Row> behind;
    std::ranges::copy_if(rows, std::back_inserter(behind),
                         [longest](const Row &row) { return row.promptTokens == longest; });
    const auto [fewest, most] = std::ranges::minmax(behind, {}, &Row::newTokens);
    if (fewest.newTokens == most.newTokens)
        return;
    const auto generated = [](const Row &row) { return static_cast<double>(row.newTokens); };
    const QString xLabel = tr("Generated tokens behind %1").arg(formatCount(longest));
    figure.add(panel(tr("Time in all"), xLabel, tr("Seconds"), behind, generated,
                     [](const Row &row) { return row.totalSeconds; }));
    figure.add(panel(
        tr("Peak KV cache"), xLabel, tr("Bytes"), behind, generated, [](const Row &row) { return row.kvBytes; },
        AxisKind::Bytes));
    const bool onDevice = std::ranges::any_of(behind, [](const Row &row) { return row.deviceBytes > 0; });
    figure.add(panel(
        onDevice ? tr("Peak device memory") : tr("Peak process memory"), xLabel, tr("Bytes"), behind, generated,
        [onDevice](const Row &row) { return onDevice ? row.deviceBytes : row.residentBytes; }, AxisKind::Bytes));
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
    constexpr int columns = 3;
    auto figure = std::make_unique<FigureGrid>(columns);
    figure->setTitle(tr("Efficiency"));
    figure->add(panel(tr("Prefill"), tr("Prompt tokens"), tr("Seconds"), rows, prompt, prefill));
    figure->add(panel(tr("Decoding"), tr("Prompt tokens"), tr("Milliseconds a token"), rows, prompt, decode));
    figure->add(panel(tr("Decoding by what was kept"), tr("Kept tokens a head"), tr("Milliseconds a token"), rows, kept,
                      decode));
    addGenerationPanels(*figure, rows);
    return figure;
}

} // namespace headkv
