// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/LineChart.h"

namespace headkv {

/// KV cache memory against context length.
struct MemoryCurve
{
    QString name;               ///< "FullKV", "HeadKV, budget 256"
    QString method;             ///< "full", "headkv", …: its colour
    std::vector<double> tokens; ///< context lengths
    std::vector<double> bytes;  ///< of the cache at these
};

/// Bytes of the KV cache over the context length, in binary units over tokens.
class MemoryChart : public LineChart
{
    Q_OBJECT
public:
    explicit MemoryChart(QWidget *parent = nullptr);

    void setCurves(const std::vector<MemoryCurve> &curves);

    [[nodiscard]] std::unique_ptr<Chart> clone() const override;
};

} // namespace headkv
