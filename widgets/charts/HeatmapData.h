// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/theme/ColorMap.h"

#include <QString>
#include <optional>
#include <vector>

namespace headkv {

/// A cell of a layers × heads chart.
struct HeadCell
{
    int layer = -1;
    int head = -1;
    [[nodiscard]] bool isValid() const { return layer >= 0 && head >= 0; }
    bool operator==(const HeadCell &) const = default;
};

/// Another number to tell of each head.
struct HeatmapDetail
{
    QString label;
    std::vector<double> values; ///< by head
    bool operator==(const HeatmapDetail &) const = default;
};

/// What a HeatmapView shows: a value for each head. Vectors by head are layer-major, [layers·heads].
struct HeatmapData
{
    int layers = 0;
    int heads = 0;
    std::vector<double> values;         ///< NaN: not there (shown neutral)
    std::vector<double> standardErrors; ///< empty, or by head
    std::vector<double> shares;         ///< of the sum, 0…1; empty, or by head
    std::vector<int> ranks;             ///< 1 = largest; empty, or by head
    std::vector<HeatmapDetail> details;
    QString valueLabel = QStringLiteral("Score");
    QString headLabel = QStringLiteral("Query head"); ///< or "KV group"
    bool wholeNumbers = false;                        ///< values and details are counts

    [[nodiscard]] std::size_t index(int layer, int head) const
    {
        return static_cast<std::size_t>(layer) * heads + head;
    }
    /// Whether all vectors fit the shape.
    [[nodiscard]] bool isConsistent() const;
};

struct ValueRange
{
    double low = 0;
    double high = 1;
    bool operator==(const ValueRange &) const = default;
};

/// How values become colours.
struct HeatmapScale
{
    enum class Kind {
        Linear,     ///< from the least value (or 0 where none is negative) to the greatest
        Log,        ///< logarithmic over the positive values; what is not positive takes the lowest colour
        Percentile, ///< linear between two percentiles; beyond them the ends' colours
        Symmetric,  ///< from −m to +m, m the greatest magnitude: for differences, with the diverging map
    };
    Kind kind = Kind::Linear;
    double lowPercentile = 2;
    double highPercentile = 98;
    std::optional<ValueRange> fixed; ///< instead of the data's range: for charts side by side

    bool operator==(const HeatmapScale &) const = default;
};

/// The range that the scale gives these values; low < high always, and both > 0 for Log. Without any value: 0…1 (Log
/// 0.1…1).
[[nodiscard]] ValueRange scaleRange(const std::vector<double> &values, const HeatmapScale &scale);
/// The position of a value in the range, 0…1; NaN for NaN.
[[nodiscard]] double scalePosition(double value, const ValueRange &range, HeatmapScale::Kind kind);
/// The p-th percentile (0…100) of the finite values, linear between neighbours (NumPy's default). NaN without any.
[[nodiscard]] double percentile(std::vector<double> values, double p);

} // namespace headkv
