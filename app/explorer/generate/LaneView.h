// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/generate/LaneNames.h"

#include <QElapsedTimer>
#include <QWidget>
#include <optional>

class QLabel;

namespace headkv {

class AnswerView;
class ElidedLabel;
class StackedAreaChart;

/// What lanes need to know of the model that runs them; 0: not known.
struct ModelSize
{
    int contextLength = 0;
    std::uint64_t weightBytes = 0;
};

/// One lane: what it is, how far it is, its text as it comes, its figures, its memory over time.
class LaneView : public QWidget
{
    Q_OBJECT

public:
    explicit LaneView(QWidget *parent = nullptr);

    /// Another lane, or a new turn of it: all anew.
    void begin(const Lane &lane, const LaneName &name, const ModelSize &model);
    /// State and text: what is new is appended.
    void showText(const Lane &lane);
    /// Figures and memory: what is new is appended.
    void showFigures(const Lane &lane);
    /// How far prefill is, 0…1.
    void showProgress(const Lane &lane, double share);
    /// Marks the words that differ from FullKV's text, at most twice a second unless `now`.
    void compareWith(const Lane &reference, const Lane &lane, bool now);

    [[nodiscard]] QString title() const;
    [[nodiscard]] QString state() const;
    [[nodiscard]] QStringList figures() const;
    [[nodiscard]] AnswerView *answer() const { return m_answer; }
    [[nodiscard]] StackedAreaChart *memory() const { return m_memory; }

protected:
    void changeEvent(QEvent *event) override;

private:
    void build();
    void showState(const Lane &lane, const QString &text);
    void showDevice(const Lane &lane);
    void showMemory(const Lane &lane);
    void clearMemory();
    void restyle();

    LaneName m_name;
    ModelSize m_model;
    int m_turn = 0;
    double m_seconds = 0; ///< where the memory chart ends
    double m_full = 0;    ///< its reference line
    QElapsedTimer m_compared;
    bool m_marksAreFinal = false;
    QLabel *m_color;
    ElidedLabel *m_title;
    ElidedLabel *m_state;
    AnswerView *m_answer;
    ElidedLabel *m_times;
    ElidedLabel *m_latency;
    ElidedLabel *m_cache;
    ElidedLabel *m_device; ///< hidden on the CPU
    ElidedLabel *m_context;
    StackedAreaChart *m_memory;
};

/// As the lane's report says, or, before there is one, the model.
[[nodiscard]] std::uint64_t weightsOf(const Lane &lane, const ModelSize &model);
/// What a lane's memory chart shows at a sample, from the bottom up: weights, KV cache, and what else the device holds,
/// or, on the CPU, the process.
[[nodiscard]] std::vector<double> memoryLayers(const MemorySample &sample, std::uint64_t weightBytes);

} // namespace headkv
