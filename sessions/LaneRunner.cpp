// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/LaneRunner.h"

#include "core/base/Error.h"
#include "core/compression/CompressionMethod.h"
#include "core/generation/Conversation.h"
#include "core/model/Model.h"
#include "core/probe/HeadScoreFile.h"
#include "core/text/Tokenizer.h"

#include <algorithm>
#include <utility>

namespace headkv {

namespace {

/// Positions that are worth keeping for a look at what was kept: 64 MB of them.
constexpr std::int64_t mostPositions = 16 << 20;

bool keepsEverything(const CompressionSettings &compression) { return compression.method == "full"; }

bool isWorthReporting(const CompressionSettings &compression, const ModelInfo &info, std::size_t tokens)
{
    const HeadShape shape{info.layers, info.queryHeads, info.kvHeads};
    auto each = static_cast<std::int64_t>(tokens);
    if (compressionMethod(compression.method).hasBudget && compression.method != "razor")
        each = std::min<std::int64_t>(each, compression.budget);
    return !keepsEverything(compression) &&
           each * shape.layers * shape.lists(granularityOf(compression)) <= mostPositions;
}

std::vector<double> importanceFromFile(const LaneSettings &settings, const ModelInfo &info)
{
    if (settings.scores.isEmpty())
        throw Error(ErrorKind::Usage, "method " + settings.compression.method +
                                          " needs the importance of heads; open a score file or run a probe");
    const std::string path = settings.scores.toStdString();
    return importanceOf(readHeadScores(path), info.layers, info.queryHeads, path);
}

} // namespace

LanePrompt spell(const Tokenizer &tokenizer, std::vector<TokenId> ids)
{
    LanePrompt prompt;
    for (const TokenId id : ids)
        prompt.pieces << (tokenizer.contains(id) ? QString::fromStdString(tokenizer.piece(id)) : QString());
    prompt.ids = std::move(ids);
    return prompt;
}

QString describeFailure()
{
    try {
        throw;
    } catch (const Error &error) {
        return error.kind() == ErrorKind::Cancelled ? QString() : QString::fromUtf8(error.what());
    } catch (const std::bad_alloc &) {
        return QStringLiteral("the memory ran out; close other programs or ask for less");
    } catch (const std::exception &error) {
        return QStringLiteral("internal error: ") + QString::fromUtf8(error.what()).section('\n', 0, 0);
    }
}

/// A lane at work.
struct LaneRunner::Run
{
    int lane = 0;
    LaneSettings settings;
    GenerationSettings generation;
    std::vector<TokenId> ids; ///< of this turn
    std::unique_ptr<Conversation> conversation;
    GenerationReport report; ///< of this turn
    LaneState state = LaneState::Waiting;

    [[nodiscard]] bool hasSpoken() const { return conversation && !report.generation.emittedIds.empty(); }
    [[nodiscard]] bool reachedLimit() const
    {
        return state == LaneState::Finished && report.generation.stopReason == StopReason::TokenLimit;
    }
};

/// Passes on what a conversation says of itself.
class LaneListener : public GenerationListener
{
public:
    LaneListener(int lane, const GenerationReport &report, const std::function<void(LaneUpdate)> &tell)
        : m_lane(lane)
        , m_report(report)
        , m_tell(tell)
        , m_elapsed(report.generation.metrics.memory.empty() ? 0 : report.generation.metrics.memory.back().seconds)
    {}
    void memoryMeasured(const MemorySample &sample) override
    {
        LaneUpdate update;
        update.lane = m_lane;
        update.memory = {sample};
        update.memory.back().seconds += m_elapsed;
        m_tell(std::move(update));
    }
    void prefillDone(const Generation &soFar) override
    {
        auto report = std::make_unique<GenerationReport>(m_report);
        report->generation.append(soFar);
        if (!soFar.promptIds.empty()) // else it goes on, and they are known
            report->generation.historyIds = soFar.historyIds;
        report->generation.metrics.perTokenMilliseconds.clear(); // the first token comes by tokenMade()
        LaneUpdate update;
        update.lane = m_lane;
        update.state = LaneState::Decoding;
        update.report = std::move(report);
        m_tell(std::move(update));
    }
    void tokenMade(TokenId id, std::string_view text, double milliseconds) override
    {
        LaneUpdate update;
        update.lane = m_lane;
        update.text = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
        if (id >= 0) {
            update.ids = {id};
            update.milliseconds = {milliseconds};
        }
        m_tell(std::move(update));
    }

private:
    int m_lane;
    const GenerationReport &m_report;
    const std::function<void(LaneUpdate)> &m_tell;
    double m_elapsed; ///< when the run that goes on had stopped
};

LaneRunner::LaneRunner(std::function<void(LaneUpdate)> tell)
    : m_tell(std::move(tell))
{}

LaneRunner::~LaneRunner() = default;

void LaneRunner::clear()
{
    m_runs.clear();
    m_model.reset();
}

void LaneRunner::start(std::shared_ptr<const Model> model, const GenerationRequest &request,
                       const std::optional<ChatFormat> &format, const JobControl &control)
{
    clear();
    m_model = std::move(model);
    const Tokenizer &tokenizer = m_model->tokenizer();
    m_raw = request.raw;
    m_format = format ? *format
               : request.system.isEmpty()
                   ? m_model->chatFormat()
                   : ChatFormat::fromVocabulary(tokenizer.vocabulary(), request.system.toStdString());
    const std::string words = request.words.toStdString();
    const std::vector<TokenId> ids = m_raw ? tokenizer.encode(words) : m_format.promptIds(tokenizer, words);
    if (ids.empty())
        throw Error(ErrorKind::Input, "the prompt is empty; type something");
    GenerationSettings settings = request.settings;
    settings.turnTokens = turnTokensOf(request, ids.size());
    for (const LaneSettings &lane : request.lanes)
        add(lane, ids, settings);
    const auto prompt = promptOf(ids);
    for (const Run &run : m_runs)
        tellPrompt(run, prompt);
    runAll([](const Run &) { return true; }, [&](Run &run) { begin(run, control); }, control);
}

/// Tokens behind the context, or else of the whole turn.
std::size_t LaneRunner::turnTokensOf(const GenerationRequest &request, std::size_t promptTokens) const
{
    const Tokenizer &tokenizer = m_model->tokenizer();
    if (!request.question.isEmpty() && request.words.endsWith(request.question))
        return tokenizer.encodePart(request.question.toStdString() + (m_raw ? std::string() : m_format.suffix)).size();
    const std::size_t prefix = m_raw ? 0 : m_format.prefixIds(tokenizer).size();
    return promptTokens > prefix ? promptTokens - prefix : promptTokens;
}

void LaneRunner::replay(std::shared_ptr<const Model> model, const std::vector<GenerationReport> &reports,
                        const JobControl &control)
{
    clear();
    m_model = std::move(model);
    m_raw = true; // the ids are what they were
    m_format = m_model->chatFormat();
    for (const GenerationReport &report : reports) {
        add({report.compression, QString::fromStdString(report.scores)}, report.generation.promptIds, report.settings);
        tellPrompt(m_runs.back(), promptOf(m_runs.back().ids));
    }
    runAll([](const Run &) { return true; }, [&](Run &run) { begin(run, control); }, control);
}

void LaneRunner::proceed(int tokens, const JobControl &control)
{
    const bool isOpen = std::ranges::any_of(
        m_runs, [](const Run &run) { return run.state == LaneState::Stopped || run.state == LaneState::Waiting; });
    const auto chosen = [isOpen](const Run &run) {
        return isOpen ? run.state == LaneState::Stopped || run.state == LaneState::Waiting : run.reachedLimit();
    };
    runAll(
        chosen,
        [&](Run &run) {
            if (run.state == LaneState::Waiting)
                begin(run, control);
            else if (run.state == LaneState::Stopped)
                goOn(run, run.generation.maxNewTokens - static_cast<int>(run.report.generation.emittedIds.size()),
                     control);
            else
                goOn(run, tokens, control);
        },
        control);
}

void LaneRunner::say(const QString &words, const GenerationSettings &settings, const JobControl &control)
{
    const Tokenizer &tokenizer = m_model->tokenizer();
    const auto chosen = [](const Run &run) { return run.hasSpoken() && run.state != LaneState::Failed; };
    for (Run &run : m_runs) {
        if (!chosen(run))
            continue;
        const std::string text = words.toStdString();
        run.ids = m_raw ? tokenizer.encodePart(text) : m_format.turnIds(tokenizer, text);
        const Generation &before = run.report.generation;
        const TokenId last = before.emittedIds.back();
        if (!run.ids.empty() && tokenizer.endsGeneration(last) && run.ids.front() == last)
            run.ids.erase(run.ids.begin()); // the answer has it
        std::vector<TokenId> all = before.historyIds;
        for (const std::vector<TokenId> &ids : {before.promptIds, before.emittedIds, run.ids})
            all.insert(all.end(), ids.begin(), ids.end());
        tellPrompt(run, promptOf(all));
        run.generation = settings;
        run.generation.turnTokens = run.ids.size();
        run.state = LaneState::Waiting;
        run.report.generation = {};
        run.report.agreement.reset();
        tellState(run, LaneState::Waiting);
    }
    runAll([](const Run &run) { return run.state == LaneState::Waiting; }, [&](Run &run) { begin(run, control); },
           control);
}

void LaneRunner::add(const LaneSettings &settings, std::vector<TokenId> ids, const GenerationSettings &generation)
{
    Run run;
    run.lane = static_cast<int>(m_runs.size());
    run.settings = settings;
    run.generation = generation;
    run.ids = std::move(ids);
    m_runs.push_back(std::move(run));
}

void LaneRunner::runAll(const std::function<bool(const Run &)> &chosen, const std::function<void(Run &)> &run,
                        const JobControl &control)
{
    std::vector<Run *> order;
    for (Run &one : m_runs) {
        if (chosen(one))
            order.push_back(&one);
    }
    std::stable_partition(order.begin(), order.end(),
                          [](const Run *one) { return keepsEverything(one->settings.compression); });
    for (Run *one : order) {
        if (control.cancellation.isCancelled())
            return;
        try {
            run(*one);
        } catch (...) {
            const QString problem = describeFailure();
            one->state = problem.isEmpty() ? LaneState::Stopped : LaneState::Failed;
            tellState(*one, one->state, problem);
        }
    }
}

void LaneRunner::begin(Run &run, const JobControl &control)
{
    const ModelInfo &info = m_model->info();
    CompressionSettings &compression = run.settings.compression;
    if (compressionMethod(compression.method).hasScores && compression.importance.empty())
        compression.importance = importanceFromFile(run.settings, info);
    run.report.takeModel(info);
    run.report.compression = compression;
    run.report.scores = run.settings.scores.toStdString();
    run.generation.reportContents = isWorthReporting(compression, info, run.ids.size());
    run.generation.recordStates = keepsEverything(compression) && m_runs.size() > 1;
    run.report.settings = run.generation;
    run.report.generation.promptIds = run.ids;
    run.state = LaneState::Prefilling;
    tellState(run, run.state);
    if (!run.conversation)
        run.conversation = std::make_unique<Conversation>(m_model, compression);
    LaneListener listener(run.lane, run.report, m_tell);
    run.report.generation = run.conversation->say(run.ids, run.generation, control, &listener);
    finish(run, control);
}

void LaneRunner::goOn(Run &run, int tokens, const JobControl &control)
{
    GenerationSettings settings = run.generation;
    settings.maxNewTokens = tokens;
    run.report.settings.maxNewTokens = static_cast<int>(run.report.generation.emittedIds.size()) + tokens;
    run.state = run.hasSpoken() ? LaneState::Decoding : LaneState::Prefilling;
    tellState(run, run.state);
    LaneListener listener(run.lane, run.report, m_tell);
    run.report.generation.append(run.conversation->proceed(settings, control, &listener));
    finish(run, control);
}

void LaneRunner::finish(Run &run, const JobControl &control)
{
    const bool stopped = run.report.generation.stopReason == StopReason::Cancelled;
    if (!stopped)
        compare(run, control);
    run.state = stopped ? LaneState::Stopped : LaneState::Finished;
    tellReport(run);
}

/// With FullKV's lane, if it has come to its end.
void LaneRunner::compare(Run &run, const JobControl &control)
{
    const auto full = std::ranges::find_if(m_runs, [](const Run &one) {
        return keepsEverything(one.settings.compression) && one.state == LaneState::Finished;
    });
    if (full == m_runs.end() || &*full == &run || full->report.generation.states.empty() || full->ids != run.ids)
        return;
    tellState(run, LaneState::Comparing);
    try {
        run.report.agreement = run.conversation->agreementWith(full->report.generation, control);
    } catch (const Error &error) {
        if (error.kind() != ErrorKind::Cancelled && error.kind() != ErrorKind::Memory)
            throw; // else the lane's own answer is whole, and only the figure is missing
    }
}

void LaneRunner::tellState(const Run &run, LaneState state, const QString &problem)
{
    LaneUpdate update;
    update.lane = run.lane;
    update.state = state;
    update.problem = problem;
    m_tell(std::move(update));
}

void LaneRunner::tellPrompt(const Run &run, std::shared_ptr<const LanePrompt> prompt)
{
    LaneUpdate update;
    update.lane = run.lane;
    update.prompt = std::move(prompt);
    m_tell(std::move(update));
}

void LaneRunner::tellReport(Run &run)
{
    std::vector<float> states = std::exchange(run.report.generation.states, {}); // the worker's own
    LaneUpdate update;
    update.lane = run.lane;
    update.state = run.state;
    update.report = std::make_unique<GenerationReport>(run.report);
    run.report.generation.states = std::move(states);
    m_tell(std::move(update));
}

std::shared_ptr<const LanePrompt> LaneRunner::promptOf(std::vector<TokenId> ids) const
{
    return std::make_shared<const LanePrompt>(spell(m_model->tokenizer(), std::move(ids)));
}

} // namespace headkv
