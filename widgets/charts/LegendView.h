// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/LineChart.h"

namespace headkv {

/// The legend of line charts that show the same series, by itself, upright: said once for all of them.
class LegendView : public Chart
{
    Q_OBJECT

public:
    explicit LegendView(QWidget *parent = nullptr);

    /// Names and looks are those of these series; the values do not matter.
    void setSeries(const std::vector<LineSeries> &series);

    [[nodiscard]] bool isEmpty() const override { return m_series.empty(); }
    /// None: it shows no data.
    [[nodiscard]] QString csv() const override { return {}; }
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;
    [[nodiscard]] QSize figureSize() const override;
    [[nodiscard]] QSize sizeHint() const override { return figureSize(); }

protected:
    void paintEvent(QPaintEvent *event) override;
    void paintFigure(QPaintDevice &device, const QSize &size, double scale, bool vectors) override;
    void restyle() override { update(); }

private:
    void draw(QPainter &painter, const QSize &size) const;

    std::vector<LineSeries> m_series; ///< without values
};

} // namespace headkv
