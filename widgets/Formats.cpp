// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/Formats.h"

#include <QLocale>
#include <array>
#include <cmath>

namespace headkv {

namespace {

const QString notThere = QStringLiteral("–");

/// Three significant figures of a value in 0…1024.
QString threeFigures(double value)
{
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return QString::number(value, 'f', decimals);
}

} // namespace

QString formatBytes(double bytes)
{
    if (!std::isfinite(bytes)) {
        return notThere;
    }
    static constexpr std::array<const char *, 6> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double value = std::abs(bytes);
    std::size_t unit = 0;
    // 1023.5 would round up to "1024": go on to the next unit there.
    while (value >= (unit == 0 ? 1024.0 : 1023.5) && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    const QString sign = bytes < 0 ? QStringLiteral("−") : QString();
    const QString number = unit == 0 ? QString::number(value, 'f', 0) : threeFigures(value);
    return sign + number + QLatin1Char(' ') + QLatin1String(units[unit]);
}

QString formatDuration(double seconds)
{
    if (!std::isfinite(seconds)) {
        return notThere;
    }
    if (seconds < 0) {
        return QStringLiteral("−") + formatDuration(-seconds);
    }
    if (seconds == 0) {
        return QStringLiteral("0 s");
    }
    if (seconds < 0.9995e-3) {
        return threeFigures(seconds * 1e6) + QStringLiteral(" µs");
    }
    if (seconds < 0.9995) {
        return threeFigures(seconds * 1e3) + QStringLiteral(" ms");
    }
    if (seconds < 59.95) {
        return threeFigures(seconds) + QStringLiteral(" s");
    }
    const auto whole = static_cast<qint64>(std::llround(seconds));
    if (whole < 3600) {
        return QStringLiteral("%1 min %2 s").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
    }
    const qint64 minutes = (whole + 30) / 60;
    return QStringLiteral("%1 h %2 min").arg(minutes / 60).arg(minutes % 60, 2, 10, QLatin1Char('0'));
}

QString formatCount(qint64 count)
{
    static const QLocale english(QLocale::English, QLocale::UnitedStates);
    return english.toString(count);
}

QString formatScore(double score)
{
    if (!std::isfinite(score)) {
        return notThere;
    }
    return QString::number(score, 'g', 4);
}

QString formatPercent(double share)
{
    if (!std::isfinite(share)) {
        return notThere;
    }
    const double percent = share * 100;
    const double size = std::abs(percent);
    const int decimals = size == 0 || size >= 99.95 ? 0 : size >= 0.995 ? 1 : 2;
    return QString::number(percent, 'f', decimals) + QStringLiteral(" %");
}

QString formatTokens(qint64 tokens)
{
    return tokens >= 1024 && tokens % 1024 == 0 ? formatCount(tokens / 1024) + QLatin1Char('k') : formatCount(tokens);
}

} // namespace headkv
