// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/Chart.h"
#include "widgets/charts/HeatmapData.h"

namespace headkv {

/// A model's attention heads as a sketch: a column a layer, a square a query head, head 0 on top; query heads that
/// share a KV head stand together in one box.
class HeadSketch : public Chart
{
    Q_OBJECT
public:
    explicit HeadSketch(QWidget *parent = nullptr);

    /// Throws Error(Input) where kvHeads does not divide queryHeads.
    void setModel(int layers, int queryHeads, int kvHeads);

    [[nodiscard]] bool isEmpty() const override { return m_layers == 0; }
    [[nodiscard]] QString csv() const override; ///< layer,query_head,kv_head
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;
    [[nodiscard]] QSize figureSize() const override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    /// The head at a pixel of this widget, or an invalid one.
    [[nodiscard]] HeadCell headAt(const QPointF &position) const;

Q_SIGNALS:
    void hovered(int layer, int head);

protected:
    void paintFigure(QPaintDevice &device, const QSize &size, double scale, bool vectors) override;
    void restyle() override;
    void titleChanged() override;
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;

private:
    /// Where things are in a widget of a size.
    struct Layout
    {
        QRectF grid;      ///< all boxes
        double pitch = 0; ///< from a layer to the next, and a head to the next within a group
        double rowPitch = 0;
        double groupGap = 0; ///< more between groups
        double inset = 0;    ///< from a cell's border to its square
        [[nodiscard]] QRectF cell(int layer, int head, int groupSize) const;
    };
    [[nodiscard]] Layout layoutFor(const QSizeF &size) const;
    void draw(QPainter &painter, const QSizeF &size) const;
    void drawHeads(QPainter &painter, const Layout &layout) const;
    void drawLabels(QPainter &painter, const Layout &layout, const QSizeF &size) const;
    [[nodiscard]] int groupSize() const { return m_kvHeads > 0 ? m_queryHeads / m_kvHeads : 1; }

    int m_layers = 0;
    int m_queryHeads = 0;
    int m_kvHeads = 0;
};

} // namespace headkv
