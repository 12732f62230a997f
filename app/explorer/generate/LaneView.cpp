// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/LaneView.h"

#include "app/explorer/common/FormHelpers.h"
#include "sessions/LaneText.h"
#include "widgets/Formats.h"
#include "widgets/charts/StackedAreaChart.h"
#include "widgets/controls/ElidedLabel.h"
#include "widgets/text/AnswerView.h"
#include "widgets/theme/ChartStyle.h"
#include "widgets/theme/Theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace headkv {

namespace {

constexpr int swatch = 12;
constexpr int comparePause = 500; ///< milliseconds
// Beyond so many differences, all between the first and the last is one.
constexpr int editsWhileStreaming = 500;
constexpr int editsAtTheEnd = 1000;

/// From the bottom up.
QStringList memoryLayerNames(bool onDevice)
{
    return {LaneView::tr("Weights"), LaneView::tr("KV cache"),
            onDevice ? LaneView::tr("Workspace") : LaneView::tr("Other")};
}

ElidedLabel *figureLabel(const QString &name, const QString &tip)
{
    auto *label = named(new ElidedLabel, name, tip);
    label->setElideMode(Qt::ElideRight);
    return label;
}

/// Without the word that still grows.
QString wholeWords(const QString &text, qsizetype length)
{
    if (length >= text.size())
        return text;
    while (length > 0 && !text[length].isSpace())
        --length;
    return text.left(length);
}

bool hasEnded(const Lane &lane)
{
    return lane.state == LaneState::Finished || lane.state == LaneState::Opened || lane.state == LaneState::Comparing;
}

bool endedByItself(const Lane &lane)
{
    return hasEnded(lane) && lane.report.generation.stopReason == StopReason::EndOfSequence;
}

} // namespace

LaneView::LaneView(QWidget *parent)
    : QWidget(parent)
    , m_color(new QLabel)
    , m_title(figureLabel(tr("Method"), {}))
    , m_state(figureLabel(tr("State"), {}))
    , m_answer(named(new AnswerView, tr("Answer"), tr("Words that differ from FullKV's answer are marked")))
    , m_times(figureLabel(tr("Speed"), tr("From the start of prefill to the first token; tokens after it, a second")))
    , m_latency(figureLabel(tr("Latency"), tr("Half of the tokens after the first took no longer than p50, 95 of 100 "
                                              "no longer than p95")))
    , m_cache(figureLabel(tr("KV cache"), tr("Bytes that the cache holds now, and their share of what FullKV would")))
    , m_device(figureLabel(tr("Device memory"), tr("Bytes that this program holds on the device now, and the most that "
                                                   "it held since the lane began")))
    , m_context(figureLabel(tr("Context"), tr("Tokens that were said so far, of those that the model was trained for")))
    , m_memory(named(new StackedAreaChart, tr("Memory over time")))
{
    build();
}

void LaneView::build()
{
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_color->setFixedSize(swatch, swatch);
    m_memory->setAxes(tr("Seconds"), AxisKind::Number, {}, AxisKind::Bytes);
    m_memory->setLayers(memoryLayerNames(false));
    m_memory->setLegendShown(false);
    m_memory->setFixedHeight(140);
    m_state->setForegroundRole(QPalette::PlaceholderText);
    auto *top = new QHBoxLayout;
    top->setSpacing(Theme::spacing / 2);
    top->addWidget(m_color);
    top->addWidget(m_title, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addLayout(top);
    layout->addWidget(m_state);
    layout->addWidget(m_answer, 1);
    layout->addSpacing(2);
    for (QLabel *label : std::initializer_list<QLabel *>{m_times, m_latency, m_cache, m_device, m_context})
        layout->addWidget(label);
    m_device->hide();
    layout->addWidget(m_memory);
    m_memory->setMinimumWidth(150);
    setMinimumWidth(180);
}

void LaneView::begin(const Lane &lane, const LaneName &name, const ModelSize &model)
{
    m_name = name;
    m_model = model;
    m_turn = lane.turn;
    m_marksAreFinal = false;
    m_compared.invalidate();
    m_title->setText(name.title);
    setAccessibleName(name.title);
    clearMemory();
    m_answer->setText({});
    restyle();
    showText(lane);
    showFigures(lane);
}

QString LaneView::title() const { return m_title->text(); }

QString LaneView::state() const { return m_state->text(); }

QStringList LaneView::figures() const
{
    QStringList shown{m_times->text(), m_latency->text(), m_cache->text(), m_context->text()};
    if (!m_device->text().isEmpty())
        shown << m_device->text();
    return shown;
}

void LaneView::showState(const Lane &lane, const QString &text)
{
    const QString why = lane.problem.left(1).toUpper() + lane.problem.mid(1);
    const bool failed = lane.state == LaneState::Failed && !why.isEmpty();
    m_state->setText(failed ? text + QStringLiteral(": ") + why : text);
    m_answer->setPlaceholderText(failed ? why : QString());
}

void LaneView::showText(const Lane &lane)
{
    if (lane.state != LaneState::Prefilling || m_state->text().isEmpty() ||
        !m_state->text().startsWith(stateText(lane)))
        showState(lane, stateText(lane));
    const QString &shown = m_answer->text();
    if (lane.turn == m_turn && lane.text.size() >= shown.size()) {
        if (lane.text.size() > shown.size())
            m_answer->appendText(lane.text.mid(shown.size()));
    } else {
        m_turn = lane.turn;
        m_answer->setText(lane.text);
    }
}

void LaneView::showProgress(const Lane &lane, double share)
{
    if (lane.state == LaneState::Prefilling)
        showState(lane, tr("%1 %2 %").arg(stateText(lane)).arg(static_cast<int>(100 * std::clamp(share, 0.0, 1.0))));
}

void LaneView::showFigures(const Lane &lane)
{
    const RunMetrics &metrics = lane.report.generation.metrics;
    QStringList times;
    if (metrics.firstTokenSeconds > 0)
        times << tr("First token %1").arg(formatDuration(metrics.firstTokenSeconds));
    const auto later = static_cast<double>(metrics.perTokenMilliseconds.size()) - 1;
    if (const double decoding = decodingSeconds(lane); decoding > 0 && later > 0)
        times << tr("%1 tok/s").arg(later / decoding, 0, 'f', 1);
    m_times->setText(times.join(QStringLiteral(" · ")));
    m_latency->setText(metrics.perTokenMilliseconds.size() > 1
                           ? tr("p50 %1 · p95 %2")
                                 .arg(formatDuration(metrics.latencyPercentile(0.5) / 1000),
                                      formatDuration(metrics.latencyPercentile(0.95) / 1000))
                           : QString());
    const auto held = static_cast<double>(metrics.memory.empty() ? metrics.kvBytesEnd : metrics.memory.back().kvBytes);
    const auto full = static_cast<double>(std::max(metrics.fullKvBytes, metrics.fullKvBytesAfterPrefill));
    QStringList cache;
    if (held > 0)
        cache << tr("KV %1").arg(formatBytes(held));
    if (lane.hasPrefilled() && full > 0)
        cache << tr("%1 of FullKV").arg(formatPercent(held / full));
    m_cache->setText(cache.join(QStringLiteral(" · ")));
    const auto used = static_cast<qint64>(contextUsed(lane));
    m_context->setText(used == 0 || lane.state == LaneState::Waiting || lane.state == LaneState::Failed ? QString()
                       : m_model.contextLength > 0
                           ? tr("Context %1 of %2").arg(formatCount(used), formatCount(m_model.contextLength))
                           : tr("Context %1 tokens").arg(formatCount(used)));
    showDevice(lane);
    showMemory(lane);
}

void LaneView::showDevice(const Lane &lane)
{
    const RunMetrics &metrics = lane.report.generation.metrics;
    QStringList device;
    if (!metrics.memory.empty() && metrics.memory.back().deviceBytes > 0)
        device << tr("Device %1").arg(formatBytes(static_cast<double>(metrics.memory.back().deviceBytes)));
    if (metrics.devicePeakBytes > 0) // known at the end
        device << tr("peak %1").arg(formatBytes(static_cast<double>(metrics.devicePeakBytes)));
    m_device->setText(device.join(QStringLiteral(" · ")));
    m_device->setVisible(lane.isOnDevice());
}

void LaneView::showMemory(const Lane &lane)
{
    const RunMetrics &metrics = lane.report.generation.metrics;
    const std::uint64_t weightBytes = weightsOf(lane, m_model);
    if (metrics.memory.size() < m_memory->pointCount())
        clearMemory();
    if (m_memory->pointCount() == 0 && !metrics.memory.empty())
        m_memory->setLayers(memoryLayerNames(metrics.memory.front().deviceBytes > 0));
    std::vector<double> seconds, values;
    for (std::size_t i = m_memory->pointCount(); i < metrics.memory.size(); ++i) {
        // A file may say anything; the chart takes time that goes on.
        m_seconds = std::max(m_seconds, metrics.memory[i].seconds);
        seconds.push_back(m_seconds);
        const std::vector<double> layers = memoryLayers(metrics.memory[i], weightBytes);
        values.insert(values.end(), layers.begin(), layers.end());
    }
    if (!seconds.empty())
        m_memory->appendPoints(seconds, values);
    const double full = !lane.isFullKv() && metrics.fullKvBytes > 0
                            ? static_cast<double>(weightBytes + metrics.fullKvBytes)
                            : std::numeric_limits<double>::quiet_NaN();
    if (full != std::exchange(m_full, full) && !std::isnan(full))
        m_memory->setReference(tr("FullKV"), full);
}

void LaneView::clearMemory()
{
    m_memory->clearPoints();
    m_memory->setReference({}, std::numeric_limits<double>::quiet_NaN());
    m_full = std::numeric_limits<double>::quiet_NaN();
    m_seconds = 0;
}

std::uint64_t weightsOf(const Lane &lane, const ModelSize &model)
{
    return lane.report.weightBytes > 0 ? lane.report.weightBytes : model.weightBytes;
}

std::vector<double> memoryLayers(const MemorySample &sample, std::uint64_t weightBytes)
{
    const auto weights = static_cast<double>(weightBytes);
    const auto kv = static_cast<double>(sample.kvBytes);
    const auto all = static_cast<double>(sample.deviceBytes > 0 ? sample.deviceBytes : sample.residentBytes);
    return {weights, kv, std::max(0.0, all - weights - kv)};
}

void LaneView::compareWith(const Lane &reference, const Lane &lane, bool now)
{
    const bool final = hasEnded(lane) && hasEnded(reference);
    if (m_marksAreFinal || lane.text.isEmpty() || reference.text.isEmpty())
        return;
    if (!now && m_compared.isValid() && m_compared.elapsed() < comparePause)
        return;
    m_compared.start();
    m_marksAreFinal = final && now;
    // Of a text that was cut off, or still grows, only the beginning can be compared.
    const qsizetype both = std::min(reference.text.size(), lane.text.size());
    const bool whole = endedByItself(lane) && endedByItself(reference);
    const QString a = whole ? reference.text : wholeWords(reference.text, both);
    const QString b = whole ? lane.text : wholeWords(lane.text, std::min(both, lane.text.size() - (final ? 0 : 1)));
    m_answer->setDifferences(differingWords(a, b, final ? editsAtTheEnd : editsWhileStreaming));
}

void LaneView::restyle()
{
    const QColor color = ChartStyle::fromPalette(palette()).seriesColor(m_name.method);
    m_color->setStyleSheet(QStringLiteral("background: %1; border-radius: 3px;").arg(color.name()));
}

void LaneView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        restyle();
    QWidget::changeEvent(event);
}

} // namespace headkv
