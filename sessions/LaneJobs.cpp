// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/LaneJobs.h"

#include "core/probe/CasePlanner.h"
#include "core/text/Tokenizer.h"
#include "sessions/Engine.h"

namespace headkv {

LaneJobs::LaneJobs(Engine &engine)
    : QObject(&engine)
    , m_engine(engine)
    , m_runner([this](LaneUpdate update) {
        if (m_feed->push(std::move(update)))
            Q_EMIT advanced();
    })
{
    // Conversations are with the model of before.
    connect(&engine, &Engine::modelLoaded, this, [this] { m_runner.clear(); });
}

void LaneJobs::run(const std::function<void(const JobControl &)> &job, const CancellationToken &token)
{
    if (m_engine.model())
        m_engine.guarded([&] { job(m_engine.makeControl(token)); });
    Q_EMIT finished(token.isCancelled());
}

void LaneJobs::start(const GenerationRequest &request, const std::optional<ChatFormat> &format,
                     const CancellationToken &token)
{
    run([&](const JobControl &control) { m_runner.start(m_engine.model(), request, format, control); }, token);
}

void LaneJobs::replay(const std::vector<GenerationReport> &reports, const CancellationToken &token)
{
    run([&](const JobControl &control) { m_runner.replay(m_engine.model(), reports, control); }, token);
}

void LaneJobs::proceed(int tokens, const CancellationToken &token)
{
    run([&](const JobControl &control) { m_runner.proceed(tokens, control); }, token);
}

void LaneJobs::say(const QString &words, const GenerationSettings &settings, const CancellationToken &token)
{
    run([&](const JobControl &control) { m_runner.say(words, settings, control); }, token);
}

void LaneJobs::open(const QString &path)
{
    m_engine.guarded([&] {
        auto report = std::make_shared<const GenerationReport>(readGenerationReport(path.toStdString()));
        Q_EMIT m_engine.logged(QStringLiteral("Read %1: %2, %3 tokens of prompt, %4 of answer")
                                   .arg(path, QString::fromStdString(report->compression.method))
                                   .arg(report->generation.promptIds.size())
                                   .arg(report->generation.emittedIds.size()));
        take(report);
    });
}

void LaneJobs::take(const ReportPtr &report)
{
    PromptPtr prompt;
    if (m_engine.model() && m_engine.model()->hasTokenizer()) {
        std::vector<TokenId> ids = report->generation.historyIds;
        ids.insert(ids.end(), report->generation.promptIds.begin(), report->generation.promptIds.end());
        prompt = std::make_shared<const LanePrompt>(spell(m_engine.model()->tokenizer(), std::move(ids)));
    }
    Q_EMIT opened(report, prompt);
}

void LaneJobs::hideNeedle(const NeedleRequest &request)
{
    if (!m_engine.model())
        return;
    m_engine.guarded([&] {
        const Tokenizer &tokenizer = m_engine.model()->tokenizer();
        ProbeSettings settings;
        settings.lengths = {request.length};
        settings.depths = {request.depth};
        settings.needles = {request.needle};
        settings.haystack = request.haystack.toStdString();
        ChatFormat bare; // the words alone
        bare.name = "custom";
        const std::vector<ProbeCase> cases =
            planCases(settings, tokenizer, bare, m_engine.model()->info().contextLength);
        HiddenNeedle hidden;
        hidden.words = QString::fromStdString(tokenizer.decode(cases.front().promptIds));
        const QString needle = QString::fromStdString(request.needle.needle);
        if (const qsizetype at = hidden.words.indexOf(needle); at >= 0) {
            hidden.begin = at;
            hidden.end = at + needle.size();
        }
        hidden.question = QString::fromStdString(questionText(request.needle));
        hidden.answer = QString::fromStdString(request.needle.answer);
        Q_EMIT needleHidden(hidden);
    });
}

} // namespace headkv
