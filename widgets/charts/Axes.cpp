// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/Axes.h"

#include "widgets/Formats.h"
#include "widgets/charts/Tickers.h"

#include <algorithm>
#include <cmath>

namespace headkv {

namespace {

QSharedPointer<QCPAxisTicker> makeTicker(AxisKind kind)
{
    switch (kind) {
    case AxisKind::Integer:
        return QSharedPointer<QCPAxisTicker>(new IntegerTicker);
    case AxisKind::Bytes:
        return QSharedPointer<QCPAxisTicker>(new BytesTicker);
    case AxisKind::Tokens:
        return QSharedPointer<QCPAxisTicker>(new TokensTicker);
    case AxisKind::Percent:
        return QSharedPointer<QCPAxisTicker>(new PercentTicker);
    case AxisKind::LogNumber:
        return QSharedPointer<QCPAxisTicker>(new LogTicker);
    case AxisKind::LogTokens:
        return QSharedPointer<QCPAxisTicker>(new LogTokensTicker);
    case AxisKind::Number:
        break;
    }
    return QSharedPointer<QCPAxisTicker>(new ScoreTicker);
}

} // namespace

QString formatAxisValue(double value, AxisKind kind)
{
    switch (kind) {
    case AxisKind::Integer:
    case AxisKind::Tokens:
    case AxisKind::LogTokens:
        return formatCount(std::llround(value));
    case AxisKind::Bytes:
        return formatBytes(value);
    case AxisKind::Percent:
        return formatPercent(value);
    case AxisKind::LogNumber:
        if (value >= 1e4 && value == std::floor(value)) { // a count
            return formatCount(std::llround(value));
        }
        return formatScore(value);
    default:
        return formatScore(value);
    }
}

void setUpAxis(QCPAxis *axis, const QString &label, AxisKind kind)
{
    axis->setLabel(label);
    axis->setScaleType(isLogarithmic(kind) ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    axis->setTicker(makeTicker(kind));
}

void Extent::add(double value, AxisKind kind)
{
    if (std::isfinite(value) && (!isLogarithmic(kind) || value > 0)) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
}

QCPRange fittedRange(Extent extent, AxisKind kind, const AxisLimits &limits, double margin)
{
    if (extent.low > extent.high) {
        extent = {0.1, 1};
    }
    QCPRange range(extent.low, extent.high);
    if (isLogarithmic(kind)) {
        const double ratio = std::max(range.upper / range.lower, 1.01);
        range = {range.lower / std::pow(ratio, margin), range.upper * std::pow(ratio, margin)};
    } else {
        if (margin > 0 && range.lower > 0) {
            range.lower = 0; // amounts start at zero
        }
        const double size =
            range.upper > range.lower ? range.upper - range.lower : std::max(1.0, std::abs(range.upper));
        range.upper += size * margin;
        range.lower -= range.lower < 0 ? size * margin : 0;
        range.upper = range.upper > range.lower ? range.upper : range.lower + size;
    }
    return {std::isnan(limits.low) ? range.lower : limits.low, std::isnan(limits.high) ? range.upper : limits.high};
}

} // namespace headkv
