// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/PlotChart.h"

#include <QStringList>
#include <limits>
#include <vector>

class QCPBars;
class QCPGraph;
class QCPItemText;

namespace headkv {

/// How one run spent its time.
struct PhaseRow
{
    QString name;                ///< of the lane
    QString method;              ///< its colour: "full", "headkv", …
    std::vector<double> seconds; ///< one a phase, in order; NaN: not known (yet)
    double firstTokenSeconds = std::numeric_limits<double>::quiet_NaN(); ///< from the start; NaN: none
};

/// Durations of phases as horizontal bars end to end, one row a lane, with a mark at the first token.
class PhaseBars : public PlotChart
{
    Q_OBJECT
public:
    explicit PhaseBars(QWidget *parent = nullptr);
    ~PhaseBars() override;

    /// "Prefill", "Compression", "Decoding".
    void setPhases(const QStringList &names);
    [[nodiscard]] QStringList phases() const { return m_phases; }
    /// From the top down. Throws Error(Input) where a row has another number of durations than there are phases, or a
    /// negative one.
    void setRows(std::vector<PhaseRow> rows);
    [[nodiscard]] const std::vector<PhaseRow> &rows() const { return m_rows; }

    [[nodiscard]] bool isEmpty() const override { return m_rows.empty(); }
    /// lane, one column a phase, first token: in seconds.
    [[nodiscard]] QString csv() const override;
    [[nodiscard]] std::unique_ptr<Chart> clone() const override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize figureSize() const override;

protected:
    void restyle() override;
    void layoutForSize(const QSize &size) override;
    void mouseMoved(const QPoint &position, const QPoint &globalPosition) override;
    void mouseLeft() override;

private:
    void rebuild();
    void buildLegend();
    void placeLabels();
    [[nodiscard]] QColor phaseColor(const QColor &row, int phase) const;
    [[nodiscard]] QString describe(int row) const;

    QStringList m_phases;
    std::vector<PhaseRow> m_rows;
    std::vector<QCPBars *> m_legend;     ///< one a phase, without data, in grey
    std::vector<QCPBars *> m_bars;       ///< [rows][phases]
    std::vector<QCPItemText *> m_labels; ///< [rows][phases]: durations inside the bars
    QCPGraph *m_firstTokens = nullptr;
    int m_hovered = -1;
};

} // namespace headkv
