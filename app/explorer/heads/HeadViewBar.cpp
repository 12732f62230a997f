// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/HeadViewBar.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/UserSettings.h"
#include "widgets/theme/Theme.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <algorithm>

namespace headkv {

namespace {

QDoubleSpinBox *percentBox(double value)
{
    auto *box = new QDoubleSpinBox;
    box->setRange(0, 100);
    box->setDecimals(1);
    box->setValue(value);
    box->setMinimumWidth(70);
    return box;
}

} // namespace

HeadViewBar::HeadViewBar(QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_settings(settings)
    , m_scale(new QComboBox)
    , m_low(percentBox(HeatmapScale().lowPercentile))
    , m_high(percentBox(HeatmapScale().highPercentile))
    , m_colors(new QComboBox)
    , m_rows(new QComboBox)
    , m_topK(new QSpinBox)
    , m_clearPins(iconButton(QStringLiteral("unpin"), tr("Clear pins"), {}))
{
    m_scale->addItem(tr("Linear"), static_cast<int>(HeatmapScale::Kind::Linear));
    m_scale->addItem(tr("Logarithmic"), static_cast<int>(HeatmapScale::Kind::Log));
    m_scale->addItem(tr("Percentiles"), static_cast<int>(HeatmapScale::Kind::Percentile));
    for (const ColorMap::Name map : ColorMap::sequential())
        m_colors->addItem(ColorMap::displayName(map), ColorMap::toString(map));
    setColors(storedColorMap(m_settings));
    m_topK->setRange(0, 1024);
    m_topK->setSpecialValueText(tr("none"));
    m_topK->setValue(10);
    m_clearPins->setText({});
    build();
    m_topK->setAccessibleName(tr("Outlined top heads"));
    offerGroups(0, {});
    setHasPins(false);
    connect(m_scale, &QComboBox::currentIndexChanged, this, &HeadViewBar::scaleChosen);
    connect(m_low, &QDoubleSpinBox::valueChanged, this, &HeadViewBar::scaleChosen);
    connect(m_high, &QDoubleSpinBox::valueChanged, this, &HeadViewBar::scaleChosen);
    connect(m_colors, &QComboBox::currentIndexChanged, this, [this] {
        storeColorMap(m_settings, colors());
        Q_EMIT lookChanged();
    });
    connect(m_rows, &QComboBox::currentIndexChanged, this, &HeadViewBar::rowsChanged);
    connect(m_topK, &QSpinBox::valueChanged, this, &HeadViewBar::lookChanged);
    connect(m_clearPins, &QPushButton::clicked, this, &HeadViewBar::clearPinsRequested);
    scaleChosen();
}

void HeadViewBar::build()
{
    auto *bar = new QHBoxLayout(this);
    bar->setContentsMargins(0, 0, 0, 0);
    bar->setSpacing(Theme::spacing);
    const auto add = [bar](QWidget *control, const QString &text, const QString &tip) {
        QLabel *label = labelFor(control, text, tip);
        bar->addWidget(label);
        bar->addWidget(control);
        return label;
    };
    add(m_scale, tr("S&cale"), tr("How scores become colours"));
    m_rangeLabel = add(m_low, tr("&%"), tr("The percentile of the scores that takes the lowest colour"));
    m_low->setAccessibleName(tr("Lowest percentile"));
    bar->addWidget(named(m_high, tr("Highest percentile"), tr("The percentile that takes the highest colour")));
    bar->addSpacing(Theme::spacing / 2);
    add(m_colors, tr("Colou&rs"), tr("Maps that read the same to colour-blind eyes"));
    bar->addSpacing(Theme::spacing / 2);
    add(m_rows, tr("Ro&ws"),
        tr("Each query head, or the mean of those that share one key/value head, which a cache by KV head goes by"));
    bar->addSpacing(Theme::spacing / 2);
    add(m_topK, tr("To&p"), tr("Outlines as many heads of the largest scores"));
    bar->addWidget(m_clearPins);
    bar->addStretch(1);
}

HeatmapScale HeadViewBar::scale() const
{
    HeatmapScale scale;
    scale.kind = static_cast<HeatmapScale::Kind>(m_scale->currentData().toInt());
    scale.lowPercentile = m_low->value();
    scale.highPercentile = m_high->value();
    return scale;
}

ColorMap::Name HeadViewBar::colors() const { return ColorMap::fromString(m_colors->currentData().toString()); }

void HeadViewBar::setColors(ColorMap::Name map)
{
    m_colors->setCurrentIndex(std::max(0, m_colors->findData(ColorMap::toString(map))));
}

int HeadViewBar::topK() const { return m_topK->value(); }

int HeadViewBar::kvHeads() const { return m_rows->currentData().toInt(); }

void HeadViewBar::offerGroups(int heads, std::optional<int> known)
{
    if (m_rows->count() > 0 && heads == m_offeredHeads && known == m_offeredKnown)
        return;
    m_offeredHeads = heads;
    m_offeredKnown = known;
    const int before = kvHeads();
    {
        const QSignalBlocker quiet(m_rows);
        m_rows->clear();
        m_rows->addItem(tr("Query heads"), 0);
        for (int groups = heads - 1; groups >= 1; --groups) {
            if (heads % groups == 0 && (!known || groups == *known))
                m_rows->addItem(groups == 1 ? tr("1 KV group a layer") : tr("%1 KV groups a layer").arg(groups),
                                groups);
        }
        m_rows->setCurrentIndex(std::max(0, m_rows->findData(before)));
    }
    setRunnable(m_rows, m_rows->count() > 1 ? QString() : tr("Each query head has a key/value head of its own"),
                tr("Each query head, or the mean of those that share one key/value head, which a cache by KV head "
                   "goes by"));
}

void HeadViewBar::setKvHeads(int kvHeads)
{
    const QSignalBlocker quiet(m_rows);
    if (m_rows->findData(kvHeads) < 0)
        m_rows->addItem(QString(), kvHeads);
    m_rows->setCurrentIndex(m_rows->findData(kvHeads));
    m_offeredHeads = 0; // the next offer makes the list anew
}

void HeadViewBar::setDifference(bool difference)
{
    m_difference = difference;
    const QString why = difference ? tr("A difference is linear about 0, in blue and red") : QString();
    setRunnable(m_scale, why, tr("How scores become colours"));
    setRunnable(m_colors, why, tr("Maps that read the same to colour-blind eyes"));
    setRunnable(m_topK, difference ? tr("A difference has no top heads") : QString(),
                tr("Outlines as many heads of the largest scores"));
}

void HeadViewBar::setHasPins(bool pins)
{
    setRunnable(m_clearPins, pins ? QString() : tr("No head is pinned; click one on the heatmap"),
                tr("Take all pins away"));
}

void HeadViewBar::scaleChosen()
{
    const bool percentiles = scale().kind == HeatmapScale::Kind::Percentile;
    for (QWidget *part : std::initializer_list<QWidget *>{m_rangeLabel, m_low, m_high})
        part->setVisible(percentiles);
    m_low->setMaximum(m_high->value() - 0.1);
    m_high->setMinimum(m_low->value() + 0.1);
    Q_EMIT lookChanged();
}

} // namespace headkv
