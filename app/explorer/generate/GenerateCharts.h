// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/generate/LaneNames.h"

#include <QWidget>

class QSettings;

namespace headkv {

class Chart;
class LineChart;
class PhaseBars;

/// What compares the lanes: latency a token, tokens held by layer, where the time went.
class GenerateCharts : public QWidget
{
    Q_OBJECT

public:
    explicit GenerateCharts(QSettings &settings, QWidget *parent = nullptr);

    /// These lanes, all anew.
    void begin(const std::vector<Lane> &lanes);
    /// What has come since; `ended`: nothing more comes for now.
    void refresh(const std::vector<Lane> &lanes, bool ended);

    [[nodiscard]] LineChart *latency() const { return m_latency; }
    [[nodiscard]] LineChart *layers() const { return m_layers; }
    [[nodiscard]] PhaseBars *phases() const { return m_phases; }
    /// Those that show something.
    [[nodiscard]] QList<Chart *> charts() const;

private:
    void showLatency(const std::vector<Lane> &lanes);
    void showPercentiles(const std::vector<Lane> &lanes);
    void showLayers(const std::vector<Lane> &lanes);
    void showPhases(const std::vector<Lane> &lanes);

    std::vector<LaneName> m_names;
    LineChart *m_latency;
    LineChart *m_layers;
    PhaseBars *m_phases;
};

} // namespace headkv
