// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/EvaluationHtml.h"

#include "app/figures/EvaluationFigures.h"
#include "core/base/GrowingReport.h"
#include "core/base/Installation.h"
#include "core/probe/ProbeReport.h"
#include "widgets/Formats.h"
#include "widgets/charts/FigureGrid.h"
#include "widgets/export/ChartExport.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

constexpr auto style = R"(
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #1d2733; max-width: 70rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid #d8dee6; padding-bottom: .2rem; }
p.lead { color: #52606f; margin-top: 0; }
table { border-collapse: collapse; font-size: .88rem; width: 100%; } th, td { padding: .28rem .6rem; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #c3ccd6; font-weight: 600; } td { border-bottom: 1px solid #e7ebf0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } tr.best td { font-weight: 600; background: #eef6f1; }
tr.first td { border-top: 2px solid #c3ccd6; } figure { margin: 1rem 0; } figure img { max-width: 100%; } figcaption { color: #52606f; font-size: .85rem; }
details { margin: .6rem 0; } summary { cursor: pointer; } td.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.test { font-size: .82rem; min-width: 9rem; }
@page { size: A4 landscape; margin: 14mm; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 10pt; } h2, figure { break-inside: avoid; } tr { break-inside: avoid; } }
)";

QString tr(const char *text) { return QCoreApplication::translate("headkv::EvaluationHtml", text); }

/// Text as it stands in a page.
QString shown(const QString &text) { return text.toHtmlEscaped(); }
QString shown(const std::string &text) { return shown(QString::fromStdString(text)); }

QString cell(const QString &html, const char *kind = "")
{
    return *kind == '\0' ? QStringLiteral("<td>%1</td>").arg(html)
                         : QStringLiteral("<td class=\"%1\">%2</td>").arg(QLatin1String(kind), html);
}

QString number(double value, int decimals) { return cell(QString::number(value, 'f', decimals), "number"); }

QString header(const QStringList &names)
{
    QString row;
    for (const QString &name : names)
        row += QStringLiteral("<th>%1</th>").arg(shown(name));
    return QStringLiteral("<thead><tr>%1</tr></thead>").arg(row);
}

QString heading(const QString &text) { return QStringLiteral("<h2>%1</h2>\n").arg(shown(text)); }

QString figureHtml(const Chart &chart, const QString &caption)
{
    const QByteArray svg = ChartExport::svg(chart).toBase64();
    return QStringLiteral("<figure><img alt=\"%1\" src=\"data:image/svg+xml;base64,%2\"><figcaption>%1</figcaption>"
                          "</figure>\n")
        .arg(shown(caption), QString::fromLatin1(svg));
}

/// "p = 0.012 (−6.1, −9.0 to −2.8)", by task and variant; "best" for the best of a task and budget.
class Marks
{
public:
    Marks(const EvaluationRun &run, const std::vector<EvaluationRow> &rows)
    {
        for (const BudgetComparison &comparison : compareBudgets(run, rows)) {
            m_marks[{comparison.task, comparison.best}] = tr("best");
            for (std::size_t i = 0; i < comparison.others.size(); ++i)
                m_marks[{comparison.task, comparison.others[i]}] = textOf(comparison.distances[i]);
        }
    }

    [[nodiscard]] QString of(const EvaluationRow &row) const
    {
        const auto found = m_marks.find({row.task, row.variant});
        return found != m_marks.end() ? found->second : QString();
    }
    [[nodiscard]] bool isBest(const EvaluationRow &row) const { return of(row) == tr("best"); }

private:
    static QString textOf(const PairedComparison &distance)
    {
        return tr("%1 (%2 to %3), p %4")
            .arg(QString::number(-distance.difference, 'f', 1), QString::number(-distance.interval.high, 'f', 1),
                 QString::number(-distance.interval.low, 'f', 1), QString::number(distance.p, 'f', 3));
    }

    std::map<std::pair<std::size_t, std::size_t>, QString> m_marks;
};

QString rowHtml(const EvaluationRun &run, const EvaluationRow &row, const Marks &marks, bool beginsTask)
{
    constexpr double megabyte = 1e6;
    const EvaluationVariant &variant = run.variants[row.variant];
    QStringList kinds;
    if (marks.isBest(row))
        kinds << QStringLiteral("best");
    if (beginsTask)
        kinds << QStringLiteral("first");
    QString html = QStringLiteral("<tr class=\"%1\">").arg(kinds.join(QLatin1Char(' ')));
    html += cell(shown(taskName(run.tasks[row.task]))) + cell(shown(methodName(variant)));
    html += cell(variant.hasBudget() ? QString::number(variant.compression.budget) : QStringLiteral("–"), "number");
    html +=
        number(row.score, 1) +
        cell(tr("%1 to %2").arg(QString::number(row.interval.low, 'f', 1), QString::number(row.interval.high, 'f', 1)),
             "number");
    html += cell(shown(marks.of(row)), "test") + cell(QString::number(row.cases), "number");
    html += number(row.prefillSeconds, 2) + number(row.compressSeconds, 3);
    html += row.decodeTokensPerSecond > 0 ? number(row.decodeTokensPerSecond, 1) : cell(QStringLiteral("–"), "number");
    html += number(static_cast<double>(row.kvBytesPrompt) / megabyte, 2);
    return html + QStringLiteral("</tr>\n");
}

QString tableHtml(const EvaluationRun &run, const std::vector<EvaluationRow> &rows)
{
    QString html = QStringLiteral("<table>") +
                   header({tr("Task"), tr("Method"), tr("Budget"), tr("Score"), tr("95 % interval"),
                           tr("Against the best of its budget"), tr("Cases"), tr("Prefill s"), tr("Compress s"),
                           tr("Decode tokens/s"), tr("KV MB")}) +
                   QStringLiteral("<tbody>\n");
    const Marks marks(run, rows);
    std::size_t task = run.tasks.size();
    for (const EvaluationRow &row : rows) {
        if (row.cases > 0)
            html += rowHtml(run, row, marks, std::exchange(task, row.task) != row.task);
    }
    return html + QStringLiteral("</tbody></table>\n");
}

QString jsonText(const Json &value)
{
    return value.is_string() ? shown(value.get<std::string>()) : shown(dumpJson(value));
}

/// "snapkv: window auto, kernel 7, pooling max"
QString methodText(const Json &method)
{
    QStringList parts;
    for (const auto &[key, value] : method.items()) {
        if (key != "method" && !value.is_null())
            parts << QStringLiteral("%1 %2").arg(shown(key), jsonText(value));
    }
    return QStringLiteral("%1: %2").arg(jsonText(method.at("method")), parts.join(QStringLiteral(", ")));
}

/// What a setting says; empty: nothing that is worth a line.
QString settingText(const Json &value)
{
    if (value.is_array() && !value.empty() && value.front().is_object() && value.front().contains("method")) {
        QStringList lines;
        for (const Json &method : value)
            lines << methodText(method);
        return lines.join(QLatin1Char('\n'));
    }
    const bool isUnset = value.is_null() || value == Json(0) || value == Json(false);
    return isUnset ? QString() : jsonText(value);
}

/// An object's values as a table of two columns; what is long stands in the report's file.
QString pairsHtml(const Json &object)
{
    constexpr qsizetype longest = 2000;
    QString html = QStringLiteral("<table><tbody>\n");
    for (const auto &[key, value] : object.items()) {
        const QString text = settingText(value);
        if (!text.isEmpty() && text.size() <= longest)
            html += QStringLiteral("<tr>%1%2</tr>\n").arg(cell(shown(key)), cell(text, "text"));
    }
    return html + QStringLiteral("</tbody></table>\n");
}

QString answersHtml(const EvaluationRun &run, std::size_t task)
{
    QString rows;
    std::vector<const EvaluationResult *> results;
    for (const EvaluationResult &result : run.results) {
        if (result.task == task)
            results.push_back(&result);
    }
    std::ranges::sort(results, {}, [](const EvaluationResult *one) { return std::pair(one->item, one->variant); });
    for (const EvaluationResult *result : results) {
        const EvaluationVariant &variant = run.variants[result->variant];
        const EvaluationCase &item = run.tasks[task].cases[result->item];
        const QString budget = variant.hasBudget() ? QString::number(variant.compression.budget) : QStringLiteral("–");
        rows += QStringLiteral("<tr>") + cell(shown(item.name)) +
                cell(shown(item.answers.empty() ? std::string() : item.answers.front())) +
                cell(shown(methodName(variant))) + cell(budget, "number") + cell(shown(result->text), "text") +
                number(result->score, 1) + QStringLiteral("</tr>\n");
    }
    return QStringLiteral("<details><summary>%1</summary><table>%2<tbody>\n%3</tbody></table></details>\n")
        .arg(shown(tr("%1: %2 answers").arg(taskName(run.tasks[task]), formatCount(qint64(results.size())))),
             header({tr("Case"), tr("Right answer"), tr("Method"), tr("Budget"), tr("Answer"), tr("Score")}), rows);
}

QString leadOf(const StoredEvaluation &evaluation)
{
    const EvaluationRun &run = evaluation.run;
    const QString moment = run.moment == CompressionMoment::Question
                               ? tr("compressed once the question was read")
                               : tr("contexts compressed before the question was known");
    return tr("%1 · %2 of %3 answers · %4 · greedy decoding")
        .arg(QString::fromStdString(evaluation.model.name), formatCount(qint64(run.results.size())),
             formatCount(qint64(run.answers())), moment);
}

QString figuresHtml(const EvaluationRun &run, const std::vector<EvaluationRow> &rows)
{
    QString html = heading(tr("Figures"));
    html +=
        figureHtml(*accuracyFigure(run, rows),
                   tr("Score against budget, with 95 % bootstrap intervals over cases. Methods without a budget lie "
                      "across."));
    const bool hasGrids = std::ranges::any_of(
        run.tasks, [](const EvaluationTask &task) { return !task.lengths.empty() && !task.depths.empty(); });
    if (hasGrids)
        html +=
            figureHtml(*needleGridsFigure(run, rows), tr("Mean score by length of the text and depth of the needle, in "
                                                         "percent, all on one scale."));
    return html;
}

} // namespace

QByteArray evaluationHtml(const StoredEvaluation &evaluation)
{
    const EvaluationRun &run = evaluation.run;
    const std::vector<EvaluationRow> rows = summarize(run);
    const QString title = tr("HeadKV evaluation");
    QString html = QStringLiteral("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>%1</title>"
                                  "<style>%2</style></head><body>\n<h1>%1</h1>\n<p class=\"lead\">%3</p>\n")
                       .arg(shown(title), QLatin1String(style), shown(leadOf(evaluation)));
    html += heading(tr("Results")) + tableHtml(run, rows);
    html += QStringLiteral("<p class=\"lead\">%1</p>\n")
                .arg(shown(tr("Scores are 0 to 100. Differences are those of the same cases (paired bootstrap, 1,000 "
                              "resamples); p is how often chance alone gives one as large. Prefill is shared by the "
                              "methods; decoding speed is that of a task's first case, which is decoded method by "
                              "method. KV is what was held right after the prompt.")));
    html += figuresHtml(run, rows);
    html += heading(tr("Settings")) + pairsHtml(describe(evaluation.request));
    html += heading(tr("Provenance")) + pairsHtml(describeProbeModel(evaluation.model));
    html += QStringLiteral("<p class=\"lead\">%1</p>\n")
                .arg(shown(tr("Made by headkv %1 on %2.")
                               .arg(QString::fromUtf8(programVersion()), QString::fromStdString(currentDate()))));
    html += heading(tr("Answers"));
    for (std::size_t task = 0; task < run.tasks.size(); ++task)
        html += answersHtml(run, task);
    return (html + QStringLiteral("</body></html>\n")).toUtf8();
}

} // namespace headkv
