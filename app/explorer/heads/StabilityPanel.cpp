// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/StabilityPanel.h"

#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "widgets/Formats.h"
#include "widgets/charts/LineChart.h"
#include "widgets/theme/Theme.h"

#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace headkv {

namespace {

constexpr double enough = 0.97; ///< a correlation that the text goes by

LineSeries seriesOf(const ShownSet &set)
{
    LineSeries line;
    line.name = set.name;
    line.points = true;
    for (const StabilityPoint &point : set.statistics->stability.curve) {
        line.x.push_back(static_cast<double>(point.cases));
        line.y.push_back(point.correlation);
        line.errors.push_back(point.deviation);
    }
    return line;
}

QString sentenceOf(const ShownSet &set)
{
    if (!set.statistics)
        return StabilityPanel::tr("%1: being computed; it waits for what else runs.").arg(set.name);
    const RankStability &stability = set.statistics->stability;
    if (stability.curve.empty())
        return StabilityPanel::tr("%1: one case does not tell.").arg(set.name);
    const StabilityPoint &half = stability.curve.back();
    QString text = StabilityPanel::tr("%1: two halves of %2 cases agree with %3 ± %4.")
                       .arg(set.name, formatCount(static_cast<qint64>(half.cases)),
                            QString::number(half.correlation, 'f', 3), QString::number(half.deviation, 'f', 3));
    const std::optional<double> cases = stability.casesFor(enough);
    if (cases && *cases < 1e6)
        text += QLatin1Char(' ') + (half.correlation >= enough
                                        ? StabilityPanel::tr("%1 cases reach %2.")
                                        : StabilityPanel::tr("Some %1 cases would reach %2 (Spearman–Brown)."))
                                       .arg(formatCount(std::llround(std::ceil(*cases))), QString::number(enough));
    return text;
}

} // namespace

StabilityPanel::StabilityPanel(QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_chart(named(new LineChart, tr("Rank correlation of two sets of cases, by their number of cases")))
    , m_text(named(new QLabel, tr("How many cases are enough")))
{
    m_chart->setTitle(tr("How many cases are enough"));
    m_chart->setAxes(tr("Cases in each half"), AxisKind::Integer, tr("Spearman of two halves"), AxisKind::Number);
    m_chart->setReferences({{QString::number(enough), enough, {}}});
    m_chart->setYRange(0, 1.02);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    enableChartMenu(m_chart, settings, this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(m_chart, 1);
    layout->addWidget(m_text);
}

QString StabilityPanel::text() const { return m_text->text(); }

void StabilityPanel::show(const std::vector<ShownSet> &sets)
{
    std::vector<LineSeries> lines;
    QStringList sentences;
    double most = 1;
    for (const ShownSet &set : sets) {
        if (set.statistics && !set.statistics->stability.curve.empty())
            lines.push_back(seriesOf(set));
        if (!lines.empty())
            most = std::max(most, lines.back().x.back());
        sentences << sentenceOf(set);
    }
    m_chart->setXRange(0, most * 1.03); // error bars at the end have room
    m_chart->setSeries(std::move(lines));
    m_text->setText(sentences.join(QLatin1Char('\n')));
}

} // namespace headkv
