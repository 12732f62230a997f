// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/theme/ColorMap.h"

#include <QObject>

class QCPAxis;
class QCPAxisRect;
class QCPMarginGroup;
class QCustomPlot;

namespace headkv {

/// The colour bar to the right of a plot's main axes: a strip with an axis. (QCPColorScale would put an image into
/// vector files.)
class ColorBar : public QObject
{
    Q_OBJECT
public:
    /// Adds itself to the plot's layout, to the right of its axis rect. The plot owns what it is made of.
    explicit ColorBar(QCustomPlot *plot);

    void setColorMap(const ColorMap &map);
    /// The values of both ends; low < high, and both > 0 where logarithmic.
    void setRange(double low, double high, bool logarithmic);
    void setLabel(const QString &label);
    /// Labels as per cent of one.
    void setPercent(bool percent);
    /// Fits the number of ticks to the height.
    void setHeight(int pixels);

    /// Hidden, it takes no room either.
    void setVisible(bool visible);

    [[nodiscard]] QCPAxis *axis() const { return m_axis; }
    [[nodiscard]] QCPAxisRect *axisRect() const { return m_rect; }

private:
    class Strip;

    QCPAxisRect *m_rect;
    QCPAxis *m_axis;
    Strip *m_strip;
    bool m_percent = false;
    bool m_logarithmic = false;
};

} // namespace headkv
