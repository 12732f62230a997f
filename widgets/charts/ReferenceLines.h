// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/theme/ChartStyle.h"

#include <QString>
#include <vector>

class QCPItemStraightLine;
class QCPItemText;
class QCustomPlot;

namespace headkv {

/// A value to compare with: a dashed line over the whole width, labelled at its right end.
struct ReferenceLine
{
    QString name;   ///< what stands at the line: "p95 31.2 ms"
    double y = 0;   ///< NaN: not drawn
    QString method; ///< gives the colour (ChartStyle::seriesColor); empty: grey
};

/// The reference lines of a plot. Labels stand above their lines, the lowest line's below it.
class ReferenceLines
{
public:
    /// The plot has to live as long, and deletes what is drawn.
    explicit ReferenceLines(QCustomPlot &plot)
        : m_plot(plot)
    {}

    void set(std::vector<ReferenceLine> lines, const ChartStyle &style);
    [[nodiscard]] const std::vector<ReferenceLine> &lines() const { return m_lines; }
    void restyle(const ChartStyle &style);
    /// Whether the lines' names stand at them.
    void setLabelsShown(bool shown);

private:
    QCustomPlot &m_plot;
    std::vector<ReferenceLine> m_lines;
    bool m_labelsShown = true;
    struct Items
    {
        QCPItemStraightLine *ground; ///< under the line, so that it shows on a crowded series
        QCPItemStraightLine *line;
        QCPItemText *label;
    };
    std::vector<Items> m_drawn; ///< one a line, in their order
};

} // namespace headkv
