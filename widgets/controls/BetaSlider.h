// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QDoubleSpinBox;
class QSlider;

namespace headkv {

/// β on a slider that is logarithmic in β − 1, with marks at the published settings; and as a number(), which its owner
/// places. Arrow keys move a little, Page Up and Page Down go to the next published setting.
class BetaSlider : public QWidget
{
    Q_OBJECT
public:
    explicit BetaSlider(QWidget *parent = nullptr);

    [[nodiscard]] double beta() const { return m_beta; }
    /// Without a signal.
    void setBeta(double beta);
    [[nodiscard]] QSlider *slider() const { return m_slider; }
    [[nodiscard]] QDoubleSpinBox *number() const { return m_number; }

Q_SIGNALS:
    void betaChanged(double beta);
    /// The hand has let go of the slider, or left the number.
    void settled();

protected:
    void paintEvent(QPaintEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void change(double beta);
    void step(bool up);
    /// The pixel of a β under the slider's handle.
    [[nodiscard]] double pixelOf(double beta) const;

    QSlider *m_slider;
    QDoubleSpinBox *m_number;
    double m_beta;
};

} // namespace headkv
