// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compression/BetaCurve.h"
#include "widgets/charts/PlotChart.h"

#include <array>
#include <vector>

class QCPGraph;
class QCPItemStraightLine;

namespace headkv {

/// What β does to a score set: the capacities of the largest and the smallest head (left axis, logarithmic) and the
/// Gini coefficient (right axis) over β, with the present β marked.
class BetaCurveView : public PlotChart
{
    Q_OBJECT
public:
    explicit BetaCurveView(QWidget *parent = nullptr);
    ~BetaCurveView() override;

    void setCurve(std::vector<BetaPoint> curve);
    [[nodiscard]] const std::vector<BetaPoint> &curve() const { return m_curve; }
    /// Marks the budgets in use.
    void setPresent(const BetaPoint &present);
    [[nodiscard]] const BetaPoint &present() const { return m_present; }

    [[nodiscard]] bool isEmpty() const override { return m_curve.empty(); }
    /// beta,gini,largest,smallest
    [[nodiscard]] QString csv() const override;
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;

protected:
    void restyle() override;
    void layoutForSize(const QSize &size) override;
    void mouseMoved(const QPoint &position, const QPoint &globalPosition) override;
    void mouseLeft() override;

private:
    void drawCurve();
    void placePresent();

    std::vector<BetaPoint> m_curve;
    BetaPoint m_present;
    std::array<QCPGraph *, 3> m_lines{}; ///< largest, smallest, Gini
    std::array<QCPGraph *, 3> m_dots{};  ///< of the present β
    QCPItemStraightLine *m_marker = nullptr;
};

} // namespace headkv
