// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/Tickers.h"

#include "widgets/Formats.h"

#include <cmath>

namespace headkv {

namespace {

/// The smallest of 1, 2, 5, 10, 20, … that is at least `step`.
double roundStepUp(double step)
{
    const double power = std::pow(10.0, std::floor(std::log10(step)));
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        if (factor * power >= step * (1 - 1e-9)) {
            return factor * power;
        }
    }
    return 10 * power;
}

/// Four figures; large counts in full rather than with an exponent.
QString shortest(double value)
{
    const double size = std::abs(value);
    return size >= 1e4 && size < 1e8 && value == std::round(value) ? formatCount(std::llround(value))
                                                                   : QString::number(value, 'g', 4);
}

double powerOfTwoUp(double step) { return std::exp2(std::ceil(std::log2(step) - 1e-9)); }

} // namespace

IntegerTicker::IntegerTicker() { setTickStepStrategy(tssReadability); }

double IntegerTicker::getTickStep(const QCPRange &range)
{
    return std::max(1.0, roundStepUp(std::max(range.size(), 1e-9) / std::max(1, mTickCount)));
}

int IntegerTicker::getSubTickCount(double tickStep) { return tickStep <= 1 ? 0 : tickStep <= 2 ? 1 : 4; }

QString IntegerTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    return QString::number(std::llround(tick));
}

BytesTicker::BytesTicker() { setTickCount(5); }

double BytesTicker::getTickStep(const QCPRange &range)
{
    return powerOfTwoUp(std::max(range.size(), 1.0) / std::max(1, mTickCount));
}

int BytesTicker::getSubTickCount(double) { return 0; }

QString BytesTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    // Ticks are round in their unit: "512 MiB", not "512.00 MiB".
    QString label = formatBytes(std::abs(tick) < 0.5 ? 0 : tick);
    const int space = label.indexOf(QLatin1Char(' '));
    QString number = label.left(space);
    if (number.contains(QLatin1Char('.'))) {
        while (number.endsWith(QLatin1Char('0'))) {
            number.chop(1);
        }
        if (number.endsWith(QLatin1Char('.'))) {
            number.chop(1);
        }
    }
    return number + label.mid(space);
}

TokensTicker::TokensTicker() { setTickCount(6); }

double TokensTicker::getTickStep(const QCPRange &range)
{
    const double step = std::max(range.size(), 1.0) / std::max(1, mTickCount);
    return step > 256 ? std::max(1024.0, powerOfTwoUp(step)) : std::max(1.0, roundStepUp(step));
}

int TokensTicker::getSubTickCount(double) { return 0; }

QString TokensTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    return formatTokens(std::llround(tick));
}

PercentTicker::PercentTicker() { setTickCount(5); }

QString PercentTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    return QString::number(std::abs(tick) < 1e-12 ? 0.0 : tick * 100, 'g', 4) + QStringLiteral(" %");
}

ScoreTicker::ScoreTicker() { setTickCount(5); }

QString ScoreTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    return shortest(std::abs(tick) < 1e-12 ? 0.0 : tick);
}

LogTicker::LogTicker() { setLogBase(10); }

QVector<double> LogTicker::createTickVector(double /*tickStep*/, const QCPRange &range)
{
    QVector<double> ticks;
    if (range.lower <= 0 || range.upper <= range.lower) {
        return ticks;
    }
    const int first = static_cast<int>(std::floor(std::log10(range.lower)));
    const int last = static_cast<int>(std::ceil(std::log10(range.upper)));
    const int stride = std::max(1, (last - first + 7) / 8);
    for (int exponent = first; exponent <= last; ++exponent) {
        if (last - first > 3 && (exponent - first) % stride != 0) {
            continue;
        }
        for (const double factor : {1.0, 2.0, 5.0}) {
            if (factor == 1.0 || last - first <= 3) {
                ticks << factor * std::pow(10.0, exponent);
            }
        }
    }
    return ticks;
}

QString LogTicker::getTickLabel(double tick, const QLocale &, QChar, int) { return shortest(tick); }

LogTokensTicker::LogTokensTicker() { setLogBase(2); }

QVector<double> LogTokensTicker::createTickVector(double /*tickStep*/, const QCPRange &range)
{
    QVector<double> ticks;
    if (range.lower <= 0 || range.upper <= range.lower) {
        return ticks;
    }
    const int first = static_cast<int>(std::ceil(std::log2(range.lower) - 1e-9));
    const int last = static_cast<int>(std::floor(std::log2(range.upper) + 1e-9));
    const int stride = std::max(1, (last - first + mTickCount) / std::max(1, mTickCount));
    for (int exponent = first; exponent <= last; exponent += stride) {
        ticks << std::exp2(exponent);
    }
    return ticks;
}

int LogTokensTicker::getSubTickCount(double) { return 0; }

QString LogTokensTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    return formatTokens(std::llround(tick));
}

} // namespace headkv
