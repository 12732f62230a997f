// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/controls/ElidedLabel.h"
#include "widgets/controls/EmptyState.h"
#include "widgets/controls/MessageBar.h"

#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace headkv;

class ControlsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void messageBar()
    {
        QWidget page;
        auto *bar = new MessageBar(&page);
        page.show();
        QVERIFY(bar->isHidden());
        bar->showMessage(MessageBar::Kind::Error, QStringLiteral("Model: gone; open another."),
                         QStringLiteral("Open…"));
        QVERIFY(bar->isVisible());
        QCOMPARE(bar->text(), QStringLiteral("Model: gone; open another."));
        QCOMPARE(bar->accessibleName(), bar->text());
        QSignalSpy action(bar, &MessageBar::actionTriggered);
        QSignalSpy dismissed(bar, &MessageBar::dismissed);
        auto *button = bar->findChild<QPushButton *>();
        QVERIFY(button->isVisible());
        button->click();
        QCOMPARE(action.count(), 1);
        bar->findChild<QToolButton *>()->click();
        QVERIFY(bar->isHidden());
        QCOMPARE(dismissed.count(), 1);
        bar->showMessage(MessageBar::Kind::Info, QStringLiteral("Saved."));
        QVERIFY(button->isHidden());
        QTest::keyClick(bar, Qt::Key_Escape);
        QVERIFY(bar->isHidden());
    }

    void emptyState()
    {
        EmptyState state(QStringLiteral("probe"), QStringLiteral("No probe yet"), QStringLiteral("Start one."),
                         QStringLiteral("Start"));
        state.resize(600, 400);
        state.show();
        QSignalSpy action(&state, &EmptyState::actionTriggered);
        QVERIFY(state.actionButton()->isVisible());
        QVERIFY(state.secondActionButton()->isHidden());
        state.actionButton()->click();
        QCOMPARE(action.count(), 1);
        QCOMPARE(state.accessibleDescription(), QStringLiteral("Start one."));
    }

    void elidedLabel()
    {
        ElidedLabel label(QStringLiteral("/a/long/path/to/some/model/file/named/model.gguf"));
        label.resize(1000, 20);
        QVERIFY(!label.isElided());
        label.resize(100, 20);
        QVERIFY(label.isElided());
        QVERIFY(label.minimumSizeHint().width() < 100);
    }
};

QTEST_MAIN(ControlsTest)
#include "ControlsTest.moc"
