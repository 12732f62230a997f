// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Installation.h"
#include "core/generation/Conversation.h"
#include "core/text/Tokenizer.h"
#include "sessions/LaneSession.h"
#include "sessions/Session.h"

#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>

using namespace headkv;

namespace {

const QString tiny = QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-f32.gguf");
const QString words = QStringLiteral("The rain is in the reed. An otter is on the shore. The inn is on the hill. ");

LaneSettings lane(const std::string &method, int budget = 16)
{
    LaneSettings settings;
    settings.compression.method = method;
    settings.compression.budget = budget;
    settings.compression.window = 8;
    return settings;
}

GenerationRequest request(std::vector<LaneSettings> lanes, int tokens = 12)
{
    GenerationRequest request;
    request.words = words;
    request.settings = {.maxNewTokens = tokens, .ignoreEndOfSequence = true};
    request.lanes = std::move(lanes);
    return request;
}

} // namespace

/// Lanes of a session against the same conversations held directly.
class LanesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void runOneAfterAnother();
    void stopAndGoOn_data();
    void stopAndGoOn();
    void goOnBehindTheLimit();
    void laterTurns();
    void failuresStayInTheirLane();
    void replayFromAFile();
    void reportsOpenWithoutAModel();
    void anotherModelEndsTheConversations();
    void aFileThatIsCutShortEndsTheRun();
    void needlesAreHidden();
    void leavesQuickly();

private:
    void load(Session &session) const;
    void run(Session &session, const GenerationRequest &request) const;
    [[nodiscard]] std::vector<TokenId> promptIds() const;

    std::shared_ptr<const Model> m_model;
};

void LanesTest::initTestCase() { m_model = Model::load(tiny.toStdString(), {.dtype = DType::Float32}); }

std::vector<TokenId> LanesTest::promptIds() const
{
    return m_model->chatFormat().promptIds(m_model->tokenizer(), words.toStdString());
}

void LanesTest::load(Session &session) const
{
    session.loadModel(tiny, {.dtype = DType::Float32});
    QTRY_VERIFY(session.activity() == Session::Activity::Idle);
    QVERIFY(session.modelInfo());
}

void LanesTest::run(Session &session, const GenerationRequest &request) const
{
    QSignalSpy finished(&session.lanes(), &LaneSession::finished);
    session.lanes().start(request);
    QCOMPARE(session.activity(), Session::Activity::Generating);
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(session.activity(), Session::Activity::Idle);
}

void LanesTest::runOneAfterAnother()
{
    Session session;
    load(session);
    QSignalSpy changed(&session.lanes(), &LaneSession::changed);
    run(session, request({lane("snapkv"), lane("full")}));
    QCOMPARE(session.lanes().all().size(), std::size_t(2));
    QCOMPARE(changed[0][0].toInt(), 0); // both have a prompt
    const Lane &snap = session.lanes().all()[0];
    const Lane &full = session.lanes().all()[1];
    for (const Lane *one : {&snap, &full}) {
        const Generation direct = generate(m_model, promptIds(), {.maxNewTokens = 12, .ignoreEndOfSequence = true},
                                           one->settings.compression);
        QVERIFY(one->state == LaneState::Finished);
        QCOMPARE(one->report.generation.emittedIds, direct.emittedIds);
        QCOMPARE(one->text, QString::fromStdString(direct.text));
        QCOMPARE(one->report.generation.metrics.kvBytesEnd, direct.metrics.kvBytesEnd);
        QCOMPARE(one->report.generation.metrics.perTokenMilliseconds.size(), std::size_t(12));
        QCOMPARE(one->prompt->ids, promptIds());
        QCOMPARE(static_cast<std::size_t>(one->prompt->pieces.size()), promptIds().size());
    }
    // FullKV ran first, though it is listed last: there was something to compare with.
    QVERIFY(snap.report.agreement);
    QCOMPARE(snap.report.agreement->tokens, std::size_t(12));
    QVERIFY(!full.report.agreement);
    QVERIFY(!snap.report.generation.contents.positions.empty());
    QVERIFY(full.report.generation.contents.positions.empty()); // it keeps everything
    QVERIFY(snap.report.generation.states.empty());
}

void LanesTest::stopAndGoOn_data()
{
    QTest::addColumn<int>("tokens"); // there when stopped; 0: in prefill
    QTest::newRow("in prefill") << 0;
    QTest::newRow("in the first lane") << 5;
}

void LanesTest::stopAndGoOn()
{
    QFETCH(int, tokens);
    // The tiny model would be done before a cancellation comes.
    const auto model = Model::load(defaultModelPath());
    const std::vector<TokenId> prompt = model->chatFormat().promptIds(model->tokenizer(), words.toStdString());
    Session session;
    session.loadModel(QStringLiteral("default"));
    QTRY_VERIFY_WITH_TIMEOUT(session.activity() == Session::Activity::Idle && session.modelInfo(), 60000);
    constexpr int all = 120;
    const auto wanted = request({lane("full", 0), lane("snapkv")}, all);
    QSignalSpy finished(&session.lanes(), &LaneSession::finished);
    const auto connection = connect(&session.lanes(), &LaneSession::changed, &session, [&](int index) {
        if (static_cast<int>(session.lanes().all()[index].report.generation.emittedIds.size()) >= tokens)
            session.cancel();
    });
    session.lanes().start(wanted);
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 60000);
    QVERIFY(finished[0][0].toBool());
    disconnect(connection);
    QVERIFY(session.lanes().all()[0].state == LaneState::Stopped);
    QVERIFY(session.lanes().all()[1].state == LaneState::Waiting);
    QVERIFY(static_cast<int>(session.lanes().all()[0].report.generation.emittedIds.size()) < all);
    QVERIFY(session.lanes().canProceed());
    session.lanes().proceed(10);
    QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, 60000);
    for (const Lane &one : session.lanes().all()) {
        const Generation direct =
            generate(model, prompt, {.maxNewTokens = all, .ignoreEndOfSequence = true}, one.settings.compression);
        QVERIFY(one.state == LaneState::Finished);
        QCOMPARE(one.report.generation.emittedIds, direct.emittedIds);
        QCOMPARE(one.text, QString::fromStdString(direct.text));
        QCOMPARE(one.report.generation.metrics.perTokenMilliseconds.size(), direct.emittedIds.size());
        QCOMPARE(one.report.generation.promptIds, prompt);
    }
}

void LanesTest::goOnBehindTheLimit()
{
    Session session;
    load(session);
    run(session, request({lane("full"), lane("streaming")}, 6));
    QVERIFY(session.lanes().canProceed());
    QSignalSpy finished(&session.lanes(), &LaneSession::finished);
    session.lanes().proceed(7);
    QTRY_COMPARE(finished.size(), 1);
    for (const Lane &one : session.lanes().all()) {
        const Generation direct =
            generate(m_model, promptIds(), {.maxNewTokens = 13, .ignoreEndOfSequence = true}, one.settings.compression);
        QCOMPARE(one.report.generation.emittedIds, direct.emittedIds);
    }
    QCOMPARE(session.lanes().all()[1].report.agreement->tokens, std::size_t(13));
}

void LanesTest::laterTurns()
{
    Session session;
    load(session);
    run(session, request({lane("full"), lane("snapkv")}, 6));
    QVERIFY(session.lanes().canSay());
    QSignalSpy finished(&session.lanes(), &LaneSession::finished);
    const GenerationSettings settings{.maxNewTokens = 5, .ignoreEndOfSequence = true};
    session.lanes().say(QStringLiteral("Where is the inn?"), settings);
    QTRY_COMPARE(finished.size(), 1);
    const std::vector<TokenId> turn = m_model->chatFormat().turnIds(m_model->tokenizer(), "Where is the inn?");
    for (const Lane &one : session.lanes().all()) {
        Conversation direct(m_model, one.settings.compression);
        const Generation first = direct.say(promptIds(), {.maxNewTokens = 6, .ignoreEndOfSequence = true});
        const Generation second = direct.say(turn, settings);
        QCOMPARE(one.turn, 1);
        QCOMPARE(one.report.generation.emittedIds, second.emittedIds);
        QCOMPARE(one.report.generation.historyIds.size(), promptIds().size() + first.emittedIds.size());
        QCOMPARE(one.prompt->ids.size(), promptIds().size() + first.emittedIds.size() + turn.size());
        QCOMPARE(one.report.generation.metrics.kvBytesEnd, second.metrics.kvBytesEnd);
    }
    QVERIFY(session.lanes().all()[1].report.agreement);
}

void LanesTest::failuresStayInTheirLane()
{
    Session session;
    load(session);
    run(session, request({lane("headkv"), lane("snapkv", 4), lane("streaming")}));
    QVERIFY(session.lanes().all()[0].state == LaneState::Failed);
    QVERIFY(session.lanes().all()[0].problem.contains("importance"));
    QVERIFY(session.lanes().all()[1].state == LaneState::Failed); // a budget below the window
    QVERIFY(session.lanes().all()[1].problem.contains("window"));
    QVERIFY(session.lanes().all()[2].state == LaneState::Finished);
    QCOMPARE(session.lanes().all()[2].report.generation.emittedIds.size(), std::size_t(12));

    // A prompt that cannot be made fails as a whole.
    QSignalSpy failed(&session, &Session::failed);
    GenerationRequest empty = request({lane("full")});
    empty.words.clear();
    empty.raw = true;
    run(session, empty);
    QCOMPARE(failed.size(), 1);
    QVERIFY(!session.lanes().canSay());
}

void LanesTest::replayFromAFile()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath("lane.json");
    Generation first;
    {
        Session session;
        load(session);
        run(session, request({lane("snapkv")}));
        first = session.lanes().all()[0].report.generation;
        QCOMPARE(session.lanes().save(0, path), QString());
        QVERIFY(!session.lanes().save(1, path).isEmpty());
        QVERIFY(!session.lanes().save(0, "/no/such/folder/lane.json").isEmpty());
    }
    Session session;
    load(session);
    QSignalSpy added(&session.lanes(), &LaneSession::added);
    session.lanes().open(path);
    QTRY_COMPARE(added.size(), 1);
    const Lane &opened = session.lanes().all()[0];
    QVERIFY(opened.state == LaneState::Opened);
    QCOMPARE(opened.report.generation.emittedIds, first.emittedIds);
    QVERIFY(opened.report.generation.metrics == first.metrics); // the numbers of the file are those of the run
    QCOMPARE(opened.prompt->ids, promptIds());
    QSignalSpy finished(&session.lanes(), &LaneSession::finished);
    session.lanes().replay();
    QTRY_COMPARE(finished.size(), 1);
    QVERIFY(session.lanes().all()[0].state == LaneState::Finished);
    QCOMPARE(session.lanes().all()[0].report.generation.emittedIds, first.emittedIds);
    QVERIFY(session.lanes().all()[0].report.generation.contents == first.contents);
}

void LanesTest::reportsOpenWithoutAModel()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath("lane.json");
    GenerationReport report;
    report.takeModel(m_model->info());
    report.generation.promptIds = {40, 41};
    report.generation.text = "so";
    writeGenerationReport(path.toStdString(), report);
    Session session;
    QSignalSpy added(&session.lanes(), &LaneSession::added);
    QSignalSpy failed(&session, &Session::failed);
    for (int i = 0; i < 5; ++i)
        session.lanes().open(path);
    QTRY_COMPARE(failed.size(), 1); // a fifth lane
    QCOMPARE(added.size(), 4);
    QCOMPARE(session.lanes().all()[3].text, QString("so"));
    QVERIFY(!session.lanes().all()[3].prompt);
    QVERIFY(!session.lanes().canProceed() && !session.lanes().canSay());
    session.lanes().replay(); // without a model: nothing
    QCOMPARE(session.activity(), Session::Activity::Idle);
    session.lanes().clear();
    QVERIFY(session.lanes().all().empty());
    session.lanes().open("/no/such/report.json");
    QTRY_COMPARE(failed.size(), 2);
}

void LanesTest::anotherModelEndsTheConversations()
{
    Session session;
    load(session);
    run(session, request({lane("full")}, 6));
    QVERIFY(session.lanes().canProceed());
    load(session);
    QVERIFY(!session.lanes().canProceed() && !session.lanes().canSay());
    session.lanes().proceed(5);
    QCOMPARE(session.activity(), Session::Activity::Idle);
    QCOMPARE(session.lanes().all().size(), std::size_t(1)); // still to be read
}

void LanesTest::aFileThatIsCutShortEndsTheRun()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath("model.gguf");
    QVERIFY(QFile::copy(tiny, path));
    Session session;
    session.loadModel(path, {.dtype = DType::Float32});
    QTRY_VERIFY(session.activity() == Session::Activity::Idle);
    QFile file(path);
    QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    QVERIFY(file.resize(100));
    run(session, request({lane("full")}));
    QVERIFY(session.lanes().all()[0].state == LaneState::Failed);
    QVERIFY(session.lanes().all()[0].problem.contains("cut short"));
    load(session); // another model works
    run(session, request({lane("full")}));
    QVERIFY(session.lanes().all()[0].state == LaneState::Finished);
}

void LanesTest::needlesAreHidden()
{
    Session session;
    load(session);
    QSignalSpy hidden(&session.lanes(), &LaneSession::needleHidden);
    QSignalSpy failed(&session, &Session::failed);
    NeedleRequest wanted;
    wanted.needle = {" The lamp is in the boat.", "Where is the lamp?", "in the boat"};
    wanted.haystack = words;
    wanted.length = 90;
    wanted.depth = 0.5;
    session.lanes().hideNeedle(wanted);
    QTRY_COMPARE(hidden.size(), 1);
    const auto result = hidden[0][0].value<HiddenNeedle>();
    QCOMPARE(result.words.mid(result.begin, result.end - result.begin), QString(" The lamp is in the boat."));
    QVERIFY(result.words.endsWith("Where is the lamp?"));
    QVERIFY(result.words.left(result.begin).endsWith('.')); // behind a sentence
    QCOMPARE(result.answer, QString("in the boat"));
    QVERIFY(result.words.endsWith(result.question) && result.question.endsWith("Where is the lamp?"));
    // A window that is chosen by itself covers the question and what the template has behind it.
    GenerationRequest asked = request({lane("snapkv", 80)}, 2);
    asked.lanes[0].compression.window.reset();
    asked.words = result.words;
    asked.question = result.question;
    run(session, asked);
    const auto tail = m_model->tokenizer().encodePart(result.question.toStdString() + m_model->chatFormat().suffix);
    QVERIFY(tail.size() > 8 && tail.size() < 64);
    QCOMPARE(session.lanes().all()[0].report.generation.window, static_cast<int>(tail.size()));
    asked.question.clear();
    run(session, asked);
    QCOMPARE(session.lanes().all()[0].report.generation.window, 64);
    wanted.length = 1 << 20;
    session.lanes().hideNeedle(wanted);
    QTRY_COMPARE(failed.size(), 1);
}

void LanesTest::leavesQuickly()
{
    QElapsedTimer clock;
    {
        Session session;
        load(session);
        QSignalSpy changed(&session.lanes(), &LaneSession::changed);
        session.lanes().start(request({lane("full"), lane("snapkv")}, 400));
        QTRY_VERIFY(!changed.isEmpty());
        clock.start();
    }
    QVERIFY(clock.elapsed() < 2000);
}

QTEST_GUILESS_MAIN(LanesTest)
#include "LanesTest.moc"
