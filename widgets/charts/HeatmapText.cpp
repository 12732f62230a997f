// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/HeatmapText.h"

#include "widgets/Csv.h"
#include "widgets/Formats.h"

#include <QCoreApplication>
#include <QStringList>
#include <cmath>

namespace headkv {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("headkv::HeatmapView", text); }

QString format(const HeatmapData &data, double value)
{
    return data.wholeNumbers && std::isfinite(value) ? formatCount(std::llround(value)) : formatScore(value);
}

QString describeValue(const HeatmapData &data, std::size_t i)
{
    if (std::isnan(data.values[i])) {
        return tr("%1: none").arg(data.valueLabel);
    }
    QString text = tr("%1: %2").arg(data.valueLabel, format(data, data.values[i]));
    if (!data.standardErrors.empty() && !std::isnan(data.standardErrors[i])) {
        text += QStringLiteral(" ± ") + QString::number(data.standardErrors[i], 'g', 2);
    }
    return text;
}

/// A column that may not be there.
template <typename T, typename Format>
QString optionalField(const std::vector<T> &values, std::size_t i, Format format)
{
    return values.empty() ? QString() : QLatin1Char(',') + format(values[i]);
}

} // namespace

QString describeHead(const HeatmapData &data, HeadCell cell)
{
    const std::size_t i = data.index(cell.layer, cell.head);
    // "Query head" within a sentence is lower case, "KV group" is not.
    QString head = data.headLabel;
    if (head.size() > 1 && head.at(1).isLower()) {
        head[0] = head.at(0).toLower();
    }
    QStringList lines{tr("Layer %1, %2 %3").arg(cell.layer).arg(head).arg(cell.head), describeValue(data, i)};
    for (const HeatmapDetail &detail : data.details) {
        lines << tr("%1: %2").arg(detail.label, format(data, detail.values[i]));
    }
    if (!data.shares.empty()) {
        lines << tr("Share: %1").arg(formatPercent(data.shares[i]));
    }
    if (!data.ranks.empty()) {
        lines << tr("Rank: %1 of %2")
                     .arg(formatCount(data.ranks[i]), formatCount(static_cast<qint64>(data.values.size())));
    }
    return lines.join(QLatin1Char('\n'));
}

QString heatmapCsv(const HeatmapData &data)
{
    const QString head = data.headLabel.toLower().replace(QLatin1Char(' '), QLatin1Char('_'));
    QString text = QStringLiteral("layer,") + csvField(head) + QLatin1Char(',') + csvField(data.valueLabel);
    for (const HeatmapDetail &detail : data.details) {
        text += QLatin1Char(',') + csvField(detail.label);
    }
    text += QLatin1String(data.standardErrors.empty() ? "" : ",standard_error");
    text += QLatin1String(data.shares.empty() ? "" : ",share");
    text += QLatin1String(data.ranks.empty() ? "\n" : ",rank\n");
    for (std::size_t i = 0; i < data.values.size(); ++i) {
        const auto heads = static_cast<std::size_t>(data.heads);
        text += QStringLiteral("%1,%2,").arg(i / heads).arg(i % heads) + csvNumber(data.values[i]);
        for (const HeatmapDetail &detail : data.details) {
            text += QLatin1Char(',') + csvNumber(detail.values[i]);
        }
        text += optionalField(data.standardErrors, i, csvNumber) + optionalField(data.shares, i, csvNumber);
        text += optionalField(data.ranks, i, [](int rank) { return QString::number(rank); }) + QLatin1Char('\n');
    }
    return text;
}

} // namespace headkv
