// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/ProbeResume.h"

#include "core/base/MappedFile.h"
#include "core/probe/ProbeReport.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::json;

/// Reads a report against the run that it is to belong to.
class ReportReader
{
public:
    ReportReader(ProbeRun &run, const ModelInfo &model, const std::string &source)
        : m_run(run)
        , m_model(model)
        , m_source(source)
    {}

    void read(std::string_view text)
    {
        const Json report = Json::parse(text, nullptr, false);
        if (report.is_discarded())
            fail("not JSON, or cut short");
        try {
            compare("model", report.at("model"), describeProbeModel(m_model), {"sha256", "dtype", "weights"});
            compare("settings", report.at("settings"), describeProbeSettings(m_run.settings),
                    {"kind", "scoring", "lengths", "depths", "needles", "filter", "max_new_tokens", "masked_heads",
                     "chat_format"});
            for (const Json &item : report.at("cases"))
                takeCase(item);
            const Json &totals = report.at("totals");
            m_run.totals.seconds = totals.at("seconds");
            m_run.totals.prefillTokens = totals.at("prefill_tokens");
            m_run.totals.reusedTokens = totals.at("reused_tokens");
        } catch (const Json::exception &) {
            fail("not a probe's report, or one whose cases lack their scores");
        }
        m_run.totals.cases = m_run.results.size();
        m_run.totals.passed =
            static_cast<std::size_t>(std::ranges::count(m_run.results, true, &ProbeCaseResult::passed));
    }

private:
    [[noreturn]] void fail(const std::string &reason) const
    {
        throw Error(ErrorKind::Input, m_source + ": cannot be resumed: " + reason +
                                          "; name another report, or begin anew without --resume");
    }

    void compare(const std::string &part, const Json &theirs, const Json &ours,
                 std::initializer_list<const char *> keys) const
    {
        for (const char *key : keys) {
            if (theirs.value(key, Json()) != ours.value(key, Json()))
                fail("its " + part + " has another " + key);
        }
    }

    /// Cases stand in case order, so each is looked for behind the last.
    void takeCase(const Json &item)
    {
        const std::vector<TokenId> prompt = item.at("prompt_ids");
        const auto isIt = [&](const ProbeCase &planned) {
            return planned.promptIds == prompt &&
                   planned.answerIds == item.at("answer_ids").get<std::vector<TokenId>>() &&
                   planned.length == item.at("length") && planned.depth == item.at("depth");
        };
        while (m_next < m_run.cases.size() && !isIt(m_run.cases[m_next]))
            ++m_next;
        if (m_next == m_run.cases.size())
            fail("its case " + std::to_string(m_run.results.size() + 1) +
                 " has a prompt that these settings do not make (another haystack?)");
        ProbeCaseResult result;
        result.index = m_next++;
        item.at("emitted_ids").get_to(result.emittedIds);
        item.at("text").get_to(result.text);
        item.at("f1").get_to(result.f1);
        item.at("rouge1_recall").get_to(result.rouge1Recall);
        item.at("passed").get_to(result.passed);
        item.at("seconds").get_to(result.seconds);
        for (const Json &row : item.at("scores")) {
            for (const Json &score : row)
                result.scores.push_back(score.get<double>());
        }
        const auto isScore = [](double score) { return std::isfinite(score) && score >= 0; };
        if (std::ssize(result.scores) != std::ptrdiff_t{m_model.layers} * m_model.queryHeads ||
            !std::ranges::all_of(result.scores, isScore))
            fail("the scores of its case " + std::to_string(m_run.results.size() + 1) + " do not fit the model");
        m_run.results.push_back(std::move(result));
    }

    ProbeRun &m_run;
    const ModelInfo &m_model;
    const std::string &m_source;
    std::size_t m_next = 0;
};

} // namespace

void resumeProbe(ProbeRun &run, const ModelInfo &model, const std::filesystem::path &report)
{
    resumeProbe(run, model, readTextFile(report), report.string());
}

void resumeProbe(ProbeRun &run, const ModelInfo &model, std::string_view report, const std::string &source)
{
    ReportReader(run, model, source).read(report);
}

} // namespace headkv
