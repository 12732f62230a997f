// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSharedPointer>
#include <QString>
#include <limits>

class QCPAxis;
class QCPAxisTicker;
class QCPRange;

namespace headkv {

/// What an axis counts: how its ticks are labelled.
enum class AxisKind { Number, Integer, Bytes, Tokens, Percent, LogNumber, LogTokens };

[[nodiscard]] inline bool isLogarithmic(AxisKind kind)
{
    return kind == AxisKind::LogNumber || kind == AxisKind::LogTokens;
}

/// A value as ticks and tooltips of such an axis show it.
[[nodiscard]] QString formatAxisValue(double value, AxisKind kind);
/// Gives an axis its label, scale and ticks.
void setUpAxis(QCPAxis *axis, const QString &label, AxisKind kind);

/// Ends of an axis that are fixed; NaN: the data's own.
struct AxisLimits
{
    double low = std::numeric_limits<double>::quiet_NaN();
    double high = std::numeric_limits<double>::quiet_NaN();
};

/// The smallest and the largest of the values that an axis has to show.
struct Extent
{
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    /// Passes over what such an axis cannot show: not finite; on a logarithmic one, not positive.
    void add(double value, AxisKind kind);
};

/// The range that shows the extent: from 0 and with a margin (a share of it) on top where margin > 0, as it is where
/// not.
[[nodiscard]] QCPRange fittedRange(Extent extent, AxisKind kind, const AxisLimits &limits, double margin);

} // namespace headkv
