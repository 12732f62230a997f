// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/generate/LaneView.h"

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QSettings;

namespace headkv {

/// The lanes side by side, their memory on common axes.
class LaneBoard : public QWidget
{
    Q_OBJECT

public:
    explicit LaneBoard(QSettings &settings, QWidget *parent = nullptr);

    /// Builds the views of as many lanes as there can be, one at each turn of the event loop, so that the start of a
    /// run does not have to.
    void prepare();
    /// These lanes, all anew.
    void begin(const std::vector<Lane> &lanes, const ModelSize &model);
    void showText(const std::vector<Lane> &lanes, int lane);
    /// Figures and memory, and while the lane runs now and then the marks; `ended`: nothing more comes for now.
    void showFigures(const std::vector<Lane> &lanes, int lane, bool ended);
    /// Marks the words that differ from FullKV's.
    void compare(const std::vector<Lane> &lanes, int lane, bool now);
    void showProgress(const std::vector<Lane> &lanes, double share);

    [[nodiscard]] LaneView *lane(std::size_t i) const { return m_views[i]; }
    [[nodiscard]] std::size_t count() const { return m_count; }

protected:
    void changeEvent(QEvent *event) override;

private:
    void addView();
    void showLegend();
    void setRanges();
    void shareAxes(const std::vector<Lane> &lanes, bool ended);

    QSettings &m_settings;
    QHBoxLayout *m_row;
    QLabel *m_legend; ///< of all memory charts
    ModelSize m_model;
    std::vector<LaneView *> m_views; ///< the first m_count are shown
    std::size_t m_count = 0;
    double m_seconds = 0, m_bytes = 0; ///< the ends of the axes
};

} // namespace headkv
