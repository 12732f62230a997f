// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/generation/GenerationReport.h"
#include "core/probe/ProbeSettings.h"

#include <QString>
#include <QStringList>
#include <memory>
#include <optional>
#include <vector>

namespace headkv {

/// So many lanes stand side by side in a window.
constexpr std::size_t mostLanes = 4;

/// One way to generate: a method with its settings. `compression.importance` is filled from the score set.
struct LaneSettings
{
    CompressionSettings compression;
    QString scores; ///< the score set's name or file, for the report; empty: none
};

enum class LaneState {
    Waiting,    ///< others run first
    Prefilling, ///< the prompt goes through the model
    Decoding,
    Comparing, ///< with FullKV, after its own tokens
    Stopped,   ///< by the user; goes on with LaneSession::proceed()
    Finished,
    Failed, ///< why is in `problem`
    Opened, ///< from a report file
};

/// What a lane was asked, as the model reads it: of a later turn, all that came before, too.
struct LanePrompt
{
    std::vector<TokenId> ids;
    QStringList pieces; ///< the text of each id; special tokens spelled out
};

/// One lane of the Generate page as far as it came. Of several turns, the last.
struct Lane
{
    LaneSettings settings;
    LaneState state = LaneState::Waiting;
    QString text;    ///< of this turn
    QString problem; ///< one line
    /// Settings, ids, metrics (these grow token by token), contents of the cache after prefill, agreement. What
    /// `headkv generate --report` would write.
    GenerationReport report;
    int turn = 0;                             ///< 0: the first
    std::shared_ptr<const LanePrompt> prompt; ///< null: not known yet. Positions of contents count in it

    [[nodiscard]] bool isFullKv() const { return settings.compression.method == "full"; }
    [[nodiscard]] bool hasPrefilled() const { return report.generation.metrics.kvBytesAfterPrefill > 0; }
    /// Its memory is that of an accelerator; false, too, before anything is measured.
    [[nodiscard]] bool isOnDevice() const
    {
        const RunMetrics &metrics = report.generation.metrics;
        return metrics.devicePeakBytes > 0 || (!metrics.memory.empty() && metrics.memory.back().deviceBytes > 0);
    }
};

/// What all lanes are asked.
struct GenerationRequest
{
    QString system;              ///< of the chat template; empty: the template's default
    QString words;               ///< the user's
    QString question;            ///< their end, where it asks of a context before it: what `auto` windows cover
    bool raw = false;            ///< words as plain text, without the chat format
    GenerationSettings settings; ///< turnTokens and what is recorded are filled in
    std::vector<LaneSettings> lanes;
};

/// A needle to hide in a haystack, as a prompt's words.
struct NeedleRequest
{
    Needle needle;
    QString haystack;   ///< the text itself
    int length = 1024;  ///< tokens of haystack and needle
    double depth = 0.5; ///< 0…1
};

/// What became of it.
struct HiddenNeedle
{
    QString words;                ///< context and question, for the prompt
    qsizetype begin = 0, end = 0; ///< of the needle in it
    QString question;             ///< the end of the words
    QString answer;
};

} // namespace headkv
