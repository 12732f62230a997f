// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/JobControl.h"
#include "core/text/ChatFormat.h"
#include "sessions/LaneFeed.h"

#include <functional>

namespace headkv {

class Conversation;
class Model;
class Tokenizer;

/// Runs lanes on the worker thread: each has a conversation of its own, which goes on after a stop and over turns.
class LaneRunner
{
public:
    /// `tell` takes what happens; it is called on the worker thread.
    explicit LaneRunner(std::function<void(LaneUpdate)> tell);
    ~LaneRunner();

    /// Forgets the lanes of before. A chat format of the user's own stands before the model's. Errors: Input, Usage: a
    /// prompt that cannot be made; what goes wrong in a lane is that lane's state.
    void start(std::shared_ptr<const Model> model, const GenerationRequest &request,
               const std::optional<ChatFormat> &format, const JobControl &control);
    /// The same prompts and settings as reports of before.
    void replay(std::shared_ptr<const Model> model, const std::vector<GenerationReport> &reports,
                const JobControl &control);
    /// What stopped goes on, what waited begins; where all is finished, lanes at their limit get `tokens` more.
    void proceed(int tokens, const JobControl &control);
    void say(const QString &words, const GenerationSettings &settings, const JobControl &control);
    void clear();

private:
    struct Run;

    [[nodiscard]] std::size_t turnTokensOf(const GenerationRequest &request, std::size_t promptTokens) const;
    void add(const LaneSettings &settings, std::vector<TokenId> ids, const GenerationSettings &generation);
    /// Runs the lanes that are chosen, FullKV first, until one is cancelled.
    void runAll(const std::function<bool(const Run &)> &chosen, const std::function<void(Run &)> &run,
                const JobControl &control);
    void begin(Run &run, const JobControl &control);
    void goOn(Run &run, int tokens, const JobControl &control);
    void finish(Run &run, const JobControl &control);
    void compare(Run &run, const JobControl &control);
    void tellState(const Run &run, LaneState state, const QString &problem = {});
    void tellPrompt(const Run &run, std::shared_ptr<const LanePrompt> prompt);
    void tellReport(Run &run);
    [[nodiscard]] std::shared_ptr<const LanePrompt> promptOf(std::vector<TokenId> ids) const;

    std::function<void(LaneUpdate)> m_tell;
    std::shared_ptr<const Model> m_model;
    ChatFormat m_format; ///< of the lanes
    bool m_raw = false;
    std::vector<Run> m_runs;
};

/// Ids with their texts.
[[nodiscard]] LanePrompt spell(const Tokenizer &tokenizer, std::vector<TokenId> ids);
/// One line for whatever a job threw: call in a catch block. Empty: it was cancelled.
[[nodiscard]] QString describeFailure();

} // namespace headkv
