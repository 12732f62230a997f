// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/HeatmapData.h"
#include "widgets/charts/PlotChart.h"

#include <vector>

namespace headkv {

/// One head's bar.
struct HeadBar
{
    HeadCell head;
    double value = 0;
    double standardError = 0; ///< 0: none drawn
};

/// The top heads as bars in the order given (largest first), labelled "18-6" (layer-head).
class SortedBarsView : public PlotChart
{
    Q_OBJECT
public:
    explicit SortedBarsView(QWidget *parent = nullptr);
    ~SortedBarsView() override;

    void setBars(std::vector<HeadBar> bars);
    void setValueLabel(const QString &label);

    [[nodiscard]] bool isEmpty() const override { return m_bars.empty(); }
    [[nodiscard]] QString csv() const override;
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;

Q_SIGNALS:
    void headClicked(int layer, int head);

protected:
    void restyle() override;
    void layoutForSize(const QSize &size) override;
    void mouseMoved(const QPoint &position, const QPoint &globalPosition) override;
    void mouseLeft() override;
    void mouseClicked(const QPoint &position) override;

private:
    [[nodiscard]] int barAt(const QPoint &position) const;

    std::vector<HeadBar> m_bars;
    int m_hovered = -1;
};

} // namespace headkv
