// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/Chart.h"
#include "widgets/theme/ColorMap.h"

namespace headkv {

/// The scale of a colour map from 0 to 100 % by itself, upright: for charts that share it.
class ColorScaleView : public Chart
{
    Q_OBJECT

public:
    ColorScaleView(ColorMap::Name map, const QString &label, QWidget *parent = nullptr);

    [[nodiscard]] bool isEmpty() const override { return false; }
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

    ColorMap::Name m_map;
    QString m_label;
};

} // namespace headkv
