// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/DocumentPlanner.h"
#include "core/base/Error.h"
#include "core/model/Model.h"
#include "core/text/ChatFormat.h"
#include "core/text/Tokenizer.h"

#include <QTest>
#include <algorithm>

using namespace headkv;

namespace {

using Ids = std::vector<TokenId>;

constexpr int context = 100'000;

std::string documentText()
{
    std::string text;
    for (int i = 0; i < 60; ++i)
        text += "Sentence number " + std::to_string(i) + " is about a mill. ";
    return text;
}

DocumentQuestion question(const std::string &document, const std::string &input, const std::string &dataset = {},
                          std::size_t line = 1)
{
    DocumentQuestion item;
    item.context = document;
    item.input = input;
    item.answers = {"yes"};
    item.dataset = dataset;
    item.line = line;
    return item;
}

PromptFormats formatsOf(const std::string &prompt, bool chat = true)
{
    PromptFormats formats = PromptFormats::builtIn();
    formats.parse(R"({"default": {"max_new_tokens": 10, "chat": )" + std::string(chat ? "true" : "false") +
                      R"(, "prompt": ")" + prompt + "\"}}",
                  "test");
    return formats;
}

Ids whole(const EvaluationCase &item)
{
    Ids ids = item.contextIds;
    ids.insert(ids.end(), item.questionIds.begin(), item.questionIds.end());
    return ids;
}

} // namespace

class DocumentPlannerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void promptsAreBuiltOfTheirParts();
    void tasksAreDatasets();
    void questionMayComeFirst();
    void fewShotTasksGoWithoutTheTemplate();
    void specialTokensInDocumentsArePlain();
    void cutsTheMiddle_data();
    void cutsTheMiddle();
    void cutsEqualDocumentsAlike();
    void keepsLongQuestionsWhole();
    void refusesQuestionsThatDoNotFit();
    void refusesChinese();
    void nothingBehindTheContext();
    void plansTheBuiltInDocuments();
    void canBeCancelled();

private:
    [[nodiscard]] std::vector<EvaluationTask> plan(const std::vector<DocumentQuestion> &questions,
                                                   const PromptFormats &formats,
                                                   const DocumentPlanSettings &settings = {},
                                                   int contextLength = context) const
    {
        return planDocuments({"f.jsonl", "f", questions, {}}, formats, m_model->tokenizer(), m_model->chatFormat(),
                             contextLength, settings);
    }
    [[nodiscard]] std::string problemOf(const std::vector<DocumentQuestion> &questions, const PromptFormats &formats,
                                        const DocumentPlanSettings &settings = {}, int contextLength = context) const
    {
        try {
            (void)plan(questions, formats, settings, contextLength);
        } catch (const Error &error) {
            return error.kind() == ErrorKind::Input ? error.what() : "of another kind";
        }
        return "planned";
    }
    [[nodiscard]] Ids encode(const std::string &text) const
    {
        return m_model->tokenizer().encode(text, SpecialTokens::Plain);
    }
    [[nodiscard]] std::string text(const Ids &ids) const { return m_model->tokenizer().decode(ids); }

    std::shared_ptr<const Model> m_model;
};

void DocumentPlannerTest::initTestCase()
{
    m_model = Model::load(HEADKV_GOLDENS "/tiny/tiny-vocabulary.gguf");
    QVERIFY(!m_model->chatFormat().prefix.empty() && !m_model->chatFormat().suffix.empty());
}

void DocumentPlannerTest::promptsAreBuiltOfTheirParts()
{
    const ChatFormat &chat = m_model->chatFormat();
    const auto tasks =
        plan({question("A mill.", "Why {context}?", {}, 7)}, formatsOf("Read: {context}\\n\\nQ: {input} ({input})"));
    QCOMPARE(tasks.size(), std::size_t(1));
    QCOMPARE(tasks[0].name, std::string("f"));
    QCOMPARE(tasks[0].maxNewTokens, 10);
    const EvaluationCase &item = tasks[0].cases.at(0);
    QCOMPARE(item.name, std::string("line 7"));
    QCOMPARE(text(item.contextIds), chat.prefix + "Read: A mill.");
    QCOMPARE(text(item.questionIds), "\n\nQ: Why {context}? (Why {context}?)" + chat.suffix);
    Ids expected = chat.prefixIds(m_model->tokenizer());
    const Ids document = encode("Read: A mill.");
    expected.insert(expected.end(), document.begin(), document.end());
    QVERIFY(item.contextIds == expected);
    QVERIFY((item.answers == std::vector<std::string>{"yes"}));
}

void DocumentPlannerTest::tasksAreDatasets()
{
    std::vector<DocumentQuestion> questions{question("a", "1", "trec"), question("b", "2", "qasper"),
                                            question("c", "3"), question("d", "4", "trec"), question("e", "5", "trec")};
    questions[3].allClasses = {"x", "y"};
    const auto tasks = plan(questions, PromptFormats::builtIn());
    QCOMPARE(tasks.size(), std::size_t(3));
    QCOMPARE(tasks[0].name, std::string("trec"));
    QVERIFY(tasks[0].metric == AnswerMetric::Classification && tasks[0].firstLineOnly);
    QCOMPARE(tasks[0].maxNewTokens, 64);
    QCOMPARE(tasks[0].cases.size(), std::size_t(3));
    QCOMPARE(tasks[0].cases[1].allClasses.size(), std::size_t(2));
    QCOMPARE(tasks[1].name, std::string("qasper"));
    QCOMPARE(tasks[2].name, std::string("f")); // the file's
    const auto capped = plan(questions, PromptFormats::builtIn(), {.maxPromptTokens = {}, .maxCases = 2});
    QCOMPARE(capped[0].cases.size(), std::size_t(2));
    QCOMPARE(capped[1].cases.size(), std::size_t(1));
    QVERIFY(plan(questions, PromptFormats::builtIn(), {.maxPromptTokens = {}, .maxCases = 0}).empty());
}

void DocumentPlannerTest::questionMayComeFirst()
{
    const ChatFormat &chat = m_model->chatFormat();
    const auto tasks = plan({question("A mill.", "Why?")}, formatsOf("{input} Look: {context} End."));
    QCOMPARE(text(tasks[0].cases[0].contextIds), chat.prefix + "Why? Look: A mill.");
    QCOMPARE(text(tasks[0].cases[0].questionIds), " End." + chat.suffix);
}

void DocumentPlannerTest::fewShotTasksGoWithoutTheTemplate()
{
    const auto tasks = plan({question("A mill.", "Why?")}, formatsOf("{context}\\n{input}", false));
    QCOMPARE(text(whole(tasks[0].cases[0])), std::string("A mill.\nWhy?"));
    Vocabulary vocabulary = m_model->tokenizer().vocabulary();
    vocabulary.addBos = true; // then the prompt begins with it, template or not
    const Tokenizer tokenizer(vocabulary);
    const auto begun =
        planDocuments({"f.jsonl", "f", {question("A mill.", "Why?")}, {}}, formatsOf("{context}\\n{input}", false),
                      tokenizer, m_model->chatFormat(), context);
    QCOMPARE(begun[0].cases[0].contextIds.front(), *vocabulary.bos);
    QCOMPARE(begun[0].cases[0].contextIds.size(), tasks[0].cases[0].contextIds.size() + 1);
}

void DocumentPlannerTest::specialTokensInDocumentsArePlain()
{
    const TokenId end = m_model->tokenizer().vocabulary().eos.value();
    const std::string spelled = m_model->tokenizer().vocabulary().tokens[static_cast<std::size_t>(end)];
    const auto tasks = plan({question("A " + spelled + " mill.", "Why " + spelled)}, formatsOf("{context} {input}"));
    const auto plain = plan({question("A mill.", "Why")}, formatsOf("{context} {input}"));
    const auto ends = [end](const EvaluationCase &item) { return std::ranges::count(whole(item), end); };
    QCOMPARE(ends(tasks[0].cases[0]), ends(plain[0].cases[0]));
    QVERIFY(text(tasks[0].cases[0].contextIds).ends_with("A " + spelled + " mill."));
}

void DocumentPlannerTest::cutsTheMiddle_data()
{
    QTest::addColumn<int>("limit");
    for (const int limit : {60, 61, 100, 101, 333, 700})
        QTest::addRow("%d", limit) << limit;
}

/// As LongBench: the first and the last half of the ids; here inside the template.
void DocumentPlannerTest::cutsTheMiddle()
{
    QFETCH(int, limit);
    const PromptFormats formats = formatsOf("{context}\\n{input}");
    const std::vector<DocumentQuestion> questions{question(documentText(), "Why?")};
    const EvaluationCase full = plan(questions, formats)[0].cases[0];
    const EvaluationCase cut = plan(questions, formats, {.maxPromptTokens = limit, .maxCases = {}})[0].cases[0];
    const Ids prefix = m_model->chatFormat().prefixIds(m_model->tokenizer());
    const Ids suffix = m_model->tokenizer().encodePart(m_model->chatFormat().suffix);
    const auto room = limit - static_cast<int>(prefix.size() + suffix.size());
    const Ids all = whole(full);
    Ids expected(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(prefix.size()) + room / 2);
    expected.insert(expected.end(), all.end() - static_cast<std::ptrdiff_t>(suffix.size()) - room / 2, all.end());
    QVERIFY(whole(cut) == expected);
    QVERIFY(cut.questionIds == full.questionIds);
    // The context's length is a limit, too, less the answer's.
    QVERIFY(whole(plan(questions, formats, {}, limit + 10)[0].cases[0]) == expected);
    QVERIFY(whole(plan(questions, formats, {.maxPromptTokens = 99'999, .maxCases = {}}, limit + 10)[0].cases[0]) ==
            expected);
    const int exact = static_cast<int>(all.size());
    QVERIFY(whole(plan(questions, formats, {.maxPromptTokens = exact, .maxCases = {}})[0].cases[0]) == all);
    QVERIFY(whole(plan(questions, formats, {.maxPromptTokens = exact - 1, .maxCases = {}})[0].cases[0]).size() <
            all.size());
}

void DocumentPlannerTest::cutsEqualDocumentsAlike()
{
    const std::vector<DocumentQuestion> questions{
        question(documentText(), "Why?"), question(documentText(), "And who was it that built the mill by the river?"),
        question(documentText() + "More.", "Why?")};
    const auto cases =
        plan(questions, formatsOf("{context}\\n{input}"), {.maxPromptTokens = 200, .maxCases = {}})[0].cases;
    QVERIFY(cases[0].contextIds == cases[1].contextIds);
    QVERIFY(cases[0].contextIds != cases[2].contextIds);
    QVERIFY(cases[0].questionIds.size() < cases[1].questionIds.size());
    QVERIFY(whole(cases[1]).size() >= 199 && whole(cases[1]).size() <= 200);
}

/// A question longer than half of the room is kept whole, and so is what stands before the context.
void DocumentPlannerTest::keepsLongQuestionsWhole()
{
    const std::string asked = documentText().substr(0, 300);
    const PromptFormats formats = formatsOf("Read this: {context}\\n{input}");
    const EvaluationCase full = plan({question(documentText(), asked)}, formats)[0].cases[0];
    for (std::size_t extra = 1; extra < 12; ++extra) {
        const std::size_t lead = encode("Read this: ").size();
        const std::size_t prefix = m_model->chatFormat().prefixIds(m_model->tokenizer()).size();
        const auto limit = static_cast<int>(full.questionIds.size() + prefix + lead + extra);
        const EvaluationCase cut =
            plan({question(documentText(), asked)}, formats, {.maxPromptTokens = limit, .maxCases = {}})[0].cases[0];
        QVERIFY(cut.questionIds == full.questionIds);
        QCOMPARE(static_cast<int>(whole(cut).size()), limit);
        QVERIFY(std::equal(cut.contextIds.begin(), cut.contextIds.end(), full.contextIds.begin()));
    }
    // A question much shorter than a long lead.
    const PromptFormats led = formatsOf("Read this with great care, all of it, to the end of it: {context} {input}");
    const std::size_t least = whole(plan({question("", "Q")}, led)[0].cases[0]).size();
    const EvaluationCase cut =
        plan({question(documentText(), "Q")}, led, {.maxPromptTokens = static_cast<int>(least) + 3, .maxCases = {}})[0]
            .cases[0];
    QVERIFY(text(whole(cut)).find("to the end of it:") != std::string::npos);
    QVERIFY(whole(cut).size() <= least + 3);
}

void DocumentPlannerTest::refusesQuestionsThatDoNotFit()
{
    const std::string problem =
        problemOf({question("A mill.", "Why?", {}, 3), question(documentText(), documentText(), {}, 9)},
                  formatsOf("{context}\\n{input}"), {.maxPromptTokens = 100, .maxCases = {}});
    QVERIFY2(problem.starts_with("f.jsonl:9: "), problem.c_str());
    QVERIFY(problem.find("does not fit into a prompt of 100") != std::string::npos);
    const std::string answer = problemOf({question("A mill.", "Why?")}, formatsOf("{context}"), {}, 10);
    QVERIFY2(answer.find("leaves no room for a prompt") != std::string::npos, answer.c_str());
}

void DocumentPlannerTest::refusesChinese()
{
    const std::string problem = problemOf({question("a", "b", "qasper", 1), question("a", "b", "multifieldqa_zh", 2)},
                                          PromptFormats::builtIn());
    QVERIFY2(problem.starts_with("f.jsonl:2: \"multifieldqa_zh\""), problem.c_str());
    QVERIFY(problem.find("word segmenter") != std::string::npos);
}

void DocumentPlannerTest::nothingBehindTheContext()
{
    const auto tasks = plan({question("A mill.", "Why?")}, formatsOf("{input} {context}", false));
    const EvaluationCase &item = tasks[0].cases[0];
    QCOMPARE(item.questionIds.size(), std::size_t(1));
    QCOMPARE(text(whole(item)), std::string("Why? A mill."));
}

void DocumentPlannerTest::plansTheBuiltInDocuments()
{
    const auto tasks = planDocuments(builtInDocuments(), PromptFormats::builtIn(), m_model->tokenizer(),
                                     m_model->chatFormat(), context);
    QCOMPARE(tasks.size(), std::size_t(4));
    QCOMPARE(tasks[0].name, std::string("facts"));
    for (const EvaluationTask &task : tasks) {
        QCOMPARE(task.cases.size(), tasks[0].cases.size());
        for (std::size_t i = 0; i < task.cases.size(); ++i) // all kinds ask about the same document
            QVERIFY(task.cases[i].contextIds == tasks[0].cases[i].contextIds);
    }
}

void DocumentPlannerTest::canBeCancelled()
{
    const JobControl control;
    control.cancellation.cancel();
    QVERIFY_EXCEPTION_THROWN((void)planDocuments(builtInDocuments(), PromptFormats::builtIn(), m_model->tokenizer(),
                                                 m_model->chatFormat(), context, {}, control),
                             Error);
}

QTEST_GUILESS_MAIN(DocumentPlannerTest)
#include "DocumentPlannerTest.moc"
