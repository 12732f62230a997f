// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/PlotChart.h"

#include <vector>

namespace headkv {

/// A share for each layer.
struct LayerShares
{
    QString name;
    std::vector<double> shares; ///< [layers], of one
};

/// Bars by layer; several sets stand side by side.
class LayerShareView : public PlotChart
{
    Q_OBJECT
public:
    explicit LayerShareView(QWidget *parent = nullptr);
    ~LayerShareView() override;

    /// Throws Error(Input) where the sets differ in their number of layers.
    void setShares(std::vector<LayerShares> sets);
    void setValueLabel(const QString &label);

    [[nodiscard]] bool isEmpty() const override { return m_sets.empty(); }
    [[nodiscard]] QString csv() const override;
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;

protected:
    void restyle() override;
    void layoutForSize(const QSize &size) override;
    void mouseMoved(const QPoint &position, const QPoint &globalPosition) override;
    void mouseLeft() override;

private:
    [[nodiscard]] int layers() const { return m_sets.empty() ? 0 : static_cast<int>(m_sets.front().shares.size()); }

    std::vector<LayerShares> m_sets;
    int m_hovered = -1;
};

} // namespace headkv
