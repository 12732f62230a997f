// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/HeatmapData.h"

#include <QWidget>
#include <optional>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSettings;
class QSpinBox;

namespace headkv {

/// How the heatmaps of the Heads page look: scale, colours, rows, outlines.
class HeadViewBar : public QWidget
{
    Q_OBJECT

public:
    explicit HeadViewBar(QSettings &settings, QWidget *parent = nullptr);

    [[nodiscard]] HeatmapScale scale() const;
    [[nodiscard]] ColorMap::Name colors() const;
    void setColors(ColorMap::Name map);
    [[nodiscard]] int topK() const;
    /// KV heads a layer whose groups are the rows; 0: query heads.
    [[nodiscard]] int kvHeads() const;
    /// Which groups can be chosen for a set of that many heads: the one that is known, or any that divides them. Keeps
    /// the choice where it can, without a signal.
    void offerGroups(int heads, std::optional<int> known);
    /// Rows that offerGroups() will find in its list, or give up; no signal.
    void setKvHeads(int kvHeads);
    /// A difference has a scale and colours of its own.
    void setDifference(bool difference);
    void setHasPins(bool pins);

    [[nodiscard]] QComboBox *scaleBox() const { return m_scale; }
    [[nodiscard]] QComboBox *colorBox() const { return m_colors; }
    [[nodiscard]] QComboBox *rowsBox() const { return m_rows; }
    [[nodiscard]] QSpinBox *topBox() const { return m_topK; }
    [[nodiscard]] QDoubleSpinBox *lowBox() const { return m_low; }
    [[nodiscard]] QDoubleSpinBox *highBox() const { return m_high; }
    [[nodiscard]] QPushButton *clearButton() const { return m_clearPins; }

Q_SIGNALS:
    void lookChanged(); ///< scale, colours, outlines
    void rowsChanged();
    void clearPinsRequested();

private:
    void build();
    void scaleChosen();

    QSettings &m_settings;
    QComboBox *m_scale;
    QLabel *m_rangeLabel;
    QDoubleSpinBox *m_low;
    QDoubleSpinBox *m_high;
    QComboBox *m_colors;
    QComboBox *m_rows;
    QSpinBox *m_topK;
    QPushButton *m_clearPins;
    bool m_difference = false;
    int m_offeredHeads = 0;
    std::optional<int> m_offeredKnown;
};

} // namespace headkv
