// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/HeadScorer.h"

#include <QTest>
#include <cmath>

using namespace headkv;

namespace {

/// A prompt of ten tokens, 100 … 109, whose answer is at 3, 4 and 5.
ProbeCase tenTokens(TokenSpan span = {3, 6})
{
    ProbeCase item;
    for (TokenId id = 100; id < 110; ++id)
        item.promptIds.push_back(id);
    item.span = span;
    return item;
}

} // namespace

class HeadScorerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equationOne();
    void equationTwo();
    void equationTwoTakesTheEarlierOfEqualKeys();
    void spanLongerThanTheRow();
};

void HeadScorerTest::equationOne()
{
    const ProbeCase item = tenTokens();
    HeadScorer scorer(ProbeKind::Retrieval, 1, 2, item);
    // Head 0 looks most at key 4, head 1 at key 8.
    const std::vector<float> rows{0, 0, 0, .1f, .6f, 0, 0, 0, .3f, 0, /**/ 0, 0, 0, .4f, 0, 0, 0, 0, .6f, 0};
    scorer.observe(0, rows, 10);
    scorer.finishStep(104); // the token at key 4
    scorer.observe(0, rows, 10);
    scorer.finishStep(103); // in the span, but not what head 0 looks at
    scorer.observe(0, rows, 10);
    scorer.finishStep(108); // what head 1 looks at, but outside the span
    QCOMPARE(scorer.scores()[0], 1.0 / 3);
    QCOMPARE(scorer.scores()[1], 0.0);
}

void HeadScorerTest::equationTwo()
{
    const ProbeCase item = tenTokens();
    HeadScorer scorer(ProbeKind::Enhanced, 2, 1, item);
    // The top three keys are 4 (.4), 8 (.3) and 5 (.2); 3 (.1) is in the span but fourth.
    const std::vector<float> row{0, 0, 0, .1f, .4f, .2f, 0, 0, .3f, 0};
    scorer.observe(1, row, 10);
    scorer.finishStep(7);
    QVERIFY(std::abs(scorer.scores()[1] - 0.6 / 3) < 1e-6);
    QCOMPARE(scorer.scores()[0], 0.0);
    scorer.observe(1, row, 10);
    scorer.finishStep(8);
    QVERIFY(std::abs(scorer.scores()[1] - 2 * 0.6 / 3) < 1e-6);
}

void HeadScorerTest::equationTwoTakesTheEarlierOfEqualKeys()
{
    const ProbeCase item = tenTokens({3, 4}); // one token: the top key alone
    HeadScorer scorer(ProbeKind::Reasoning, 1, 2, item);
    const std::vector<float> rows{0, .4f, 0, .4f, 0, 0, 0, 0, 0, .2f, /**/ 0, 0, 0, .4f, 0, .4f, 0, 0, 0, .2f};
    scorer.observe(0, rows, 10);
    QCOMPARE(scorer.scores()[0], 0.0);                  // key 1 comes before key 3
    QVERIFY(std::abs(scorer.scores()[1] - 0.4) < 1e-6); // key 3 before key 5
}

void HeadScorerTest::spanLongerThanTheRow()
{
    const ProbeCase item = tenTokens({1, 9});
    HeadScorer scorer(ProbeKind::Enhanced, 1, 1, item);
    const std::vector<float> row{.5f, .25f, .25f};
    scorer.observe(0, row, 3);
    QVERIFY(std::abs(scorer.scores()[0] - 0.5 / 8) < 1e-6);
}

QTEST_GUILESS_MAIN(HeadScorerTest)
#include "HeadScorerTest.moc"
