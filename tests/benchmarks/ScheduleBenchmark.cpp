// SPDX-License-Identifier: GPL-3.0-or-later
// What many ranks would make of a probe: the program's own plan and cut, played through with the times of a real run.
//   build/release/benchmarks/ScheduleBenchmark MODEL REPORT.json [FIGURE.svg] [RANKS]
// REPORT.json is what one process wrote with headkv probe --report. From its cases come the time of a prompt's token
// and of an answer's (least squares), how far cases stray from that, and how long answers are; its lengths, depths and
// haystack give the cases, with as many needles as they need. A rank is free for the next task at once; messages and
// files cost nothing. The table goes to standard output; with RANKS, only that many ranks.
#include "core/base/Error.h"
#include "core/base/Installation.h"
#include "core/base/MappedFile.h"
#include "core/base/Random.h"
#include "core/model/Model.h"
#include "core/probe/CasePlanner.h"
#include "core/probe/NeedleGenerator.h"
#include "core/probe/ProbeReopen.h"
#include "core/probe/ProbeWork.h"
#include "widgets/Formats.h"
#include "widgets/charts/LineChart.h"
#include "widgets/export/ChartExport.h"

#include <QApplication>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <queue>

using namespace headkv;

namespace {

/// What the cases of a real run took.
struct Recording
{
    double secondsPerPromptToken = 0, secondsPerAnswerToken = 0;
    std::vector<double> factors;           ///< recorded time / fitted time, of each group of cases
    std::vector<std::size_t> answerTokens; ///< of each case
};

/// Cases that ran together have the same time in a report: the group's, by their number.
struct Group
{
    double promptTokens = 0, answerTokens = 0, seconds = 0;
};

std::vector<Group> groupsOf(const nlohmann::json &report, Recording &recording)
{
    std::vector<ProbeCase> cases;
    for (const nlohmann::json &item : report.at("cases"))
        item.at("prompt_ids").get_to(cases.emplace_back().promptIds);
    std::vector<Group> groups;
    double last = -1;
    std::span<const TokenId> held;
    for (const std::size_t index : workOrder(cases)) {
        const nlohmann::json &item = report["cases"][index];
        const double seconds = item.at("seconds");
        if (seconds != last)
            groups.emplace_back();
        last = seconds;
        const std::vector<TokenId> &prompt = cases[index].promptIds;
        recording.answerTokens.push_back(item.at("emitted_ids").size());
        groups.back().promptTokens += static_cast<double>(prompt.size() - commonPrefix(prompt, held));
        groups.back().answerTokens += static_cast<double>(recording.answerTokens.back());
        groups.back().seconds += seconds;
        held = prompt;
    }
    return groups;
}

/// Least squares of seconds over the two numbers of tokens.
Recording readRecording(const std::string &path)
{
    Recording recording;
    const std::vector<Group> groups = groupsOf(nlohmann::json::parse(readTextFile(path)), recording);
    double pp = 0, pa = 0, aa = 0, ps = 0, as = 0;
    for (const Group &group : groups) {
        pp += group.promptTokens * group.promptTokens;
        pa += group.promptTokens * group.answerTokens;
        aa += group.answerTokens * group.answerTokens;
        ps += group.promptTokens * group.seconds;
        as += group.answerTokens * group.seconds;
    }
    const double determinant = pp * aa - pa * pa;
    recording.secondsPerPromptToken = (ps * aa - as * pa) / determinant;
    recording.secondsPerAnswerToken = (as * pp - ps * pa) / determinant;
    if (!(recording.secondsPerPromptToken > 0 && recording.secondsPerAnswerToken > 0))
        throw Error(ErrorKind::Input, path + ": its times tell nothing of prompts and answers; record more cases");
    for (const Group &group : groups)
        recording.factors.push_back(group.seconds / (recording.secondsPerPromptToken * group.promptTokens +
                                                     recording.secondsPerAnswerToken * group.answerTokens));
    return recording;
}

/// A probe of so many cases, and what each takes.
class Schedule
{
public:
    Schedule(const Recording &recording, ProbeSettings settings, const Model &model, std::size_t cases)
        : m_recording(recording)
        , m_settings(std::move(settings))
    {
        NeedleRecipe recipe;
        recipe.kind = ProbeKind::Retrieval;
        recipe.count = static_cast<int>(cases / (m_settings.lengths.size() * m_settings.depths.size()));
        m_settings.needles = generateNeedles(recipe);
        m_cases = planCases(m_settings, model.tokenizer(), model.chatFormat(), model.info().contextLength);
        m_order = workOrder(m_cases);
        for (std::span<const std::size_t> rest = m_order; !rest.empty(); rest = rest.subspan(m_groups.back()))
            m_groups.push_back(neighbours(m_cases, rest.first(std::min(rest.size(), mostCasesTogether))));
        Random random(1);
        for (std::size_t i = 0; i < m_cases.size(); ++i) {
            m_factors.push_back(recording.factors[drawBelow(random, recording.factors.size())]);
            m_answers.push_back(recording.answerTokens[drawBelow(random, recording.answerTokens.size())]);
        }
    }

    struct Outcome
    {
        std::size_t cases = 0, tasks = 0;
        double makespan = 0; ///< seconds, until the last rank is through
        double work = 0;     ///< seconds, of all ranks
    };

    /// The rank that is free first takes the next task; it holds the prompt that it has computed last.
    [[nodiscard]] Outcome play(int ranks) const
    {
        struct Rank
        {
            double free = 0;
            std::span<const TokenId> held;
            bool operator>(const Rank &other) const { return free > other.free; }
        };
        std::priority_queue<Rank, std::vector<Rank>, std::greater<>> team;
        for (int rank = 0; rank < ranks; ++rank)
            team.emplace();
        Outcome outcome;
        outcome.cases = m_cases.size();
        std::span<const std::size_t> rest = m_order;
        for (const WorkRange &task : cutWork(workPieces(m_settings, m_cases, m_order, m_groups), ranks)) {
            Rank rank = team.top();
            team.pop();
            for (std::size_t group = task.begin; group < task.end; ++group) {
                for (const std::size_t index : rest.first(m_groups[group])) {
                    const double seconds = secondsOf(index, rank.held);
                    rank.free += seconds;
                    rank.held = m_cases[index].promptIds;
                    outcome.work += seconds;
                }
                rest = rest.subspan(m_groups[group]);
            }
            outcome.makespan = std::max(outcome.makespan, rank.free);
            team.push(rank);
            ++outcome.tasks;
        }
        return outcome;
    }

private:
    [[nodiscard]] double secondsOf(std::size_t index, std::span<const TokenId> held) const
    {
        const std::vector<TokenId> &prompt = m_cases[index].promptIds;
        const auto computed = static_cast<double>(prompt.size() - commonPrefix(prompt, held));
        return m_factors[index] * (m_recording.secondsPerPromptToken * computed +
                                   m_recording.secondsPerAnswerToken * static_cast<double>(m_answers[index]));
    }

    const Recording &m_recording;
    ProbeSettings m_settings;
    std::vector<ProbeCase> m_cases;
    std::vector<std::size_t> m_order, m_groups;
    std::vector<double> m_factors;      ///< by case
    std::vector<std::size_t> m_answers; ///< tokens, by case
};

/// A line of the figure, and its rows of the table.
LineSeries play(const Schedule &schedule, const std::vector<int> &ranks)
{
    LineSeries line;
    line.points = true;
    const Schedule::Outcome one = schedule.play(1);
    line.name = QStringLiteral("%1 cases").arg(formatCount(static_cast<qint64>(one.cases)));
    for (const int count : ranks) {
        const Schedule::Outcome many = schedule.play(count);
        const double efficiency = one.makespan / (count * many.makespan);
        std::printf("| %6zu | %5d | %5zu | %10.1f | %8.1f | %9.1f %% | %9.1f %% |\n", many.cases, count, many.tasks,
                    many.makespan, one.makespan / many.makespan, 100 * efficiency,
                    100 * (many.work / one.makespan - 1));
        line.x.push_back(count);
        line.y.push_back(efficiency);
    }
    return line;
}

int run(const std::vector<std::string> &arguments)
{
    const Recording recording = readRecording(arguments[1]);
    const ProbeSettings settings = readProbeSettings(arguments[1]);
    ModelOptions options;
    options.vocabularyOnly = true;
    const auto model = Model::load(resolveModelPath(arguments[0]), options);
    std::vector<int> ranks;
    for (int count = 1; count <= 1024; count *= 2)
        ranks.push_back(count);
    if (arguments.size() > 3)
        ranks = {std::stoi(arguments[3])};
    std::printf("%zu cases recorded: %.3f ms a prompt's token, %.3f ms an answer's\n\n", recording.answerTokens.size(),
                1e3 * recording.secondsPerPromptToken, 1e3 * recording.secondsPerAnswerToken);
    std::printf(
        "|  cases | ranks | tasks | makespan s | speed-up | efficiency | more work |\n|---|---|---|---|---|---|---|\n");
    std::vector<LineSeries> lines;
    for (const std::size_t cases : {100, 1000, 10000})
        lines.push_back(play(Schedule(recording, settings, *model, cases), ranks));
    if (arguments.size() < 3)
        return 0;
    LineChart chart;
    chart.setTitle(QStringLiteral("Efficiency of many ranks"));
    chart.setAxes(QStringLiteral("Ranks"), AxisKind::LogNumber, QStringLiteral("Efficiency"), AxisKind::Percent);
    chart.setSeries(std::move(lines));
    chart.setYRange(0, 1.05);
    const QString problem = ChartExport::save(chart, QString::fromStdString(arguments[2]));
    if (!problem.isEmpty())
        throw Error(ErrorKind::Failed, problem.toStdString());
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() < 2) {
        std::fputs("usage: ScheduleBenchmark MODEL REPORT.json [FIGURE.svg] [RANKS]\n", stderr);
        return 2;
    }
    try {
        return run(arguments);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "ScheduleBenchmark: %s\n", error.what());
        return 1;
    }
}
