// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/HeatmapData.h"
#include "widgets/charts/PlotChart.h"

#include <vector>

class QCPBars;

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
    /// A click on a bar, or Enter on the one that the arrow keys chose.
    void headClicked(int layer, int head);

protected:
    void restyle() override;
    void layoutForSize(const QSize &size) override;
    void mouseMoved(const QPoint &position, const QPoint &globalPosition) override;
    void mouseLeft() override;
    void mouseClicked(const QPoint &position) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void choose(int bar);
    void emphasize();
    [[nodiscard]] QString describe(int bar) const;
    [[nodiscard]] int barAt(const QPoint &position) const;

    std::vector<HeadBar> m_bars;
    int m_hovered = -1;
    int m_current = 0;
    QCPBars *m_emphasis = nullptr; ///< the current bar once more, in the accent colour
};

} // namespace headkv
