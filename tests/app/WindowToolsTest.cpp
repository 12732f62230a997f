// SPDX-License-Identifier: GPL-3.0-or-later
// The command palette, the shortcuts, the settings, and the whole window by keyboard and screen reader.
#include "app/explorer/budget/BudgetPage.h"
#include "app/explorer/common/UserSettings.h"
#include "app/explorer/compare/ComparePage.h"
#include "app/explorer/generate/GeneratePage.h"
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/model/ModelPage.h"
#include "app/explorer/probe/ProbePage.h"
#include "app/explorer/window/CommandPalette.h"
#include "app/explorer/window/ExplorerOptions.h"
#include "app/explorer/window/ExportAllDialog.h"
#include "app/explorer/window/FuzzyMatch.h"
#include "app/explorer/window/SettingsDialog.h"
#include "app/explorer/window/ShortcutSheet.h"
#include "sessions/ProbeSession.h"
#include "tests/app/WindowTest.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/export/ExportDialog.h"
#include "widgets/theme/Resources.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QAction>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDropEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>
#include <QSplitter>
#include <QTabBar>

using namespace headkv;

namespace {

/// What a screen reader would call it; empty: nothing.
QString spokenName(QWidget *widget)
{
    const QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(widget);
    return interface ? interface->text(QAccessible::Name) : QString();
}

/// Parts of a control that its own name stands for.
bool isInner(const QWidget *widget)
{
    for (const QWidget *parent = widget->parentWidget(); parent; parent = parent->parentWidget()) {
        if (qobject_cast<const QComboBox *>(parent) || qobject_cast<const QAbstractSpinBox *>(parent))
            return true;
        if (qobject_cast<const QAbstractItemView *>(parent))
            return !widget->inherits("QAbstractItemView") || qobject_cast<const QHeaderView *>(widget);
    }
    return widget->objectName().startsWith(QLatin1String("qt_"));
}

QString describe(const QWidget *widget)
{
    QStringList path;
    for (; widget; widget = widget->parentWidget())
        path.prepend(QLatin1String(widget->metaObject()->className()));
    return path.join(QStringLiteral(" > "));
}

QStringList namelessIn(QWidget *root)
{
    QStringList nameless;
    for (QWidget *widget : root->findChildren<QWidget *>()) {
        if ((widget->focusPolicy() & Qt::TabFocus) && !widget->focusProxy() && !widget->isHidden() &&
            !isInner(widget) && spokenName(widget).isEmpty())
            nameless.append(describe(widget));
    }
    return nameless;
}

} // namespace

class WindowToolsTest : public WindowTest
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void matchesLetters();
    void listsAllCommands();
    void runsCommands();
    void saysWhyACommandCannotRun();
    void showsEveryShortcut();
    void storesSettings();
    void refusesSettingsThatDoNotFit();
    void resetsTheLayout();
    void takesFilesOverTextFields();
    void namesEveryControl();
    void goesAroundByTab_data();
    void goesAroundByTab();

private:
    void loadAndProbe();
    QPointer<CommandPalette> openPalette();
};

void WindowToolsTest::initTestCase() { initWidgetResources(); }
void WindowToolsTest::init() { openWindow(); }
void WindowToolsTest::cleanup() { closeWindow(); }

void WindowToolsTest::loadAndProbe()
{
    m_window->openFiles({tinyModel});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle() && m_window->session().modelInfo(), 30000);
    QSignalSpy finished(&m_window->session().probe(), &ProbeSession::finished);
    m_window->session().probe().start(shortProbe(2));
    QVERIFY(finished.wait(60000));
    QTRY_VERIFY(m_window->isIdle());
}

QPointer<CommandPalette> WindowToolsTest::openPalette()
{
    m_window->actions().action("view.commands")->trigger();
    return m_window->findChild<CommandPalette *>();
}

void WindowToolsTest::matchesLetters()
{
    QVERIFY(!fuzzyMatch("xyz", "File: Export all…"));
    QVERIFY(!fuzzyMatch("tropxe", "File: Export all…"));
    const auto match = fuzzyMatch("ea", "File: Export all…");
    QVERIFY(match);
    QCOMPARE(match->positions, (QList<int>{6, 13})); // the beginnings of the words
    QCOMPARE(fuzzyMatch("EXP ALL", "File: Export all…")->positions, (QList<int>{6, 7, 8, 13, 14, 15}));
    QVERIFY(fuzzyMatch("heads", "Go to: Heads")->score > fuzzyMatch("heads", "Show: Head inspector dialogs")->score);
    QVERIFY(fuzzyMatch("", "anything")->positions.isEmpty());
    QVERIFY(!fuzzyMatch("abc", "ab"));
}

void WindowToolsTest::listsAllCommands()
{
    const QPointer<CommandPalette> palette = openPalette();
    QVERIFY(palette && palette->isVisible());
    QStringList all = m_window->actions().ids();
    all.removeOne("view.commands");
    QStringList shown = palette->shown();
    all.sort();
    shown.sort();
    QCOMPARE(shown, all);
    QTest::keyClick(palette->edit(), Qt::Key_Escape);
    QTRY_VERIFY(!palette);
}

void WindowToolsTest::runsCommands()
{
    QPointer<CommandPalette> palette = openPalette();
    QTest::keyClicks(palette->edit(), "budget");
    QCOMPARE(palette->shown().value(0), QString("page.budget"));
    QTest::keyClick(palette->edit(), Qt::Key_Return);
    QCOMPARE(static_cast<QWidget *>(m_window->currentPage()), static_cast<QWidget *>(m_window->budgetPage()));
    QTRY_VERIFY(!palette);

    // By arrow: the second of those that match, and around from the first to the last.
    palette = openPalette();
    QTest::keyClicks(palette->edit(), "goto");
    const QStringList pages = palette->shown();
    QVERIFY(pages.size() >= 7);
    QTest::keyClick(palette->edit(), Qt::Key_Up);
    QCOMPARE(palette->list()->currentRow(), palette->list()->count() - 1);
    QTest::keyClick(palette->edit(), Qt::Key_Down);
    QTest::keyClick(palette->edit(), Qt::Key_Down);
    QCOMPARE(palette->list()->currentRow(), 1);
    QTest::keyClick(palette->edit(), Qt::Key_Return);
    QVERIFY(m_window->actions().action(pages[1])->isChecked());
}

void WindowToolsTest::saysWhyACommandCannotRun()
{
    const QPointer<CommandPalette> palette = openPalette();
    QTest::keyClicks(palette->edit(), "Export figure");
    QCOMPARE(palette->shown().value(0), QString("file.export"));
    QCOMPARE(m_window->actions().problem("file.export"), QString("This page has no figure yet"));
    for (const QString &id : m_window->actions().ids()) {
        const QString why = m_window->actions().problem(id);
        QCOMPARE(why.isEmpty(), m_window->actions().action(id)->isEnabled());
        QVERIFY2(why != "Not possible now", qPrintable(id)); // it says more than that
    }
    QTest::keyClick(palette->edit(), Qt::Key_Return); // does nothing
    QVERIFY(palette && palette->isVisible());
    palette->edit()->setText("zzzzzz");
    QVERIFY(palette->shown().isEmpty());
    QTest::keyClick(palette->edit(), Qt::Key_Return);
    QVERIFY(palette && palette->isVisible());
    palette->close();
}

void WindowToolsTest::showsEveryShortcut()
{
    const ShortcutSheet sheet(m_window->actions(), m_window.get());
    QStringList texts;
    for (const QLabel *label : sheet.findChildren<QLabel *>())
        texts.append(label->text());
    QSet<QKeySequence> taken;
    for (const QString &id : m_window->actions().ids()) {
        for (const QKeySequence &keys : m_window->actions().action(id)->shortcuts()) {
            const QString text = keys.toString(QKeySequence::NativeText);
            QVERIFY2(texts.filter(text).size() > 0, qPrintable(id + ' ' + text));
            QVERIFY2(!taken.contains(keys), qPrintable(id + " shares " + text));
            taken.insert(keys);
        }
    }
    QVERIFY(taken.size() > 10);
    // Each action is reached by some menu, or is a page or dock.
    QVERIFY(m_window->actions().action("help.shortcuts")->shortcuts().contains(QKeySequence(Qt::Key_F1)));
}

void WindowToolsTest::storesSettings()
{
    loadAndProbe();
    m_window->showPage("heads");
    const auto change = [this](auto &&edit, bool accept) {
        QTimer::singleShot(0, [&] {
            auto *dialog = qobject_cast<SettingsDialog *>(QApplication::activeModalWidget());
            QVERIFY(dialog);
            edit(*dialog);
            accept ? dialog->accept() : dialog->reject();
        });
        m_window->actions().action("edit.settings")->trigger();
    };
    const auto edit = [](SettingsDialog &dialog) {
        dialog.dtypeBox()->setCurrentIndex(dialog.dtypeBox()->findData(static_cast<int>(DType::Float32)));
        dialog.threadsBox()->setValue(1);
        dialog.colorBox()->setCurrentIndex(dialog.colorBox()->findData(static_cast<int>(ColorMap::Name::Magma)));
        dialog.themeBox()->setCurrentIndex(dialog.themeBox()->findData(static_cast<int>(ThemeMode::Dark)));
    };
    change(edit, false);
    QVERIFY(m_window->headsPage()->heatmap()->colorMap() == ColorMap::Name::Viridis);
    QVERIFY(storedModelOptions(*m_settings).dtype == DType::Auto);
    change(edit, true);
    QVERIFY(m_window->headsPage()->heatmap()->colorMap() == ColorMap::Name::Magma);
    QVERIFY(m_theme->mode() == ThemeMode::Dark);
    QVERIFY(m_window->actions().action("theme.dark")->isChecked());
    QCOMPARE(storedModelOptions(*m_settings).threads, 1);
    QVERIFY(storedModelOptions(*m_settings).dtype == DType::Float32);
    m_settings->setValue("model/weights", "int4"); // does not go with float32
    QVERIFY(storedModelOptions(*m_settings).weights == WeightForm::Auto);

    // The next model is computed so.
    m_window->openFiles({tinyModel});
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isIdle(), 30000);
    QCOMPARE(m_window->session().modelInfo()->dtype, std::string("float32"));
}

void WindowToolsTest::refusesSettingsThatDoNotFit()
{
    SettingsDialog dialog(*m_theme, *m_settings, false, m_window.get());
    const auto *ok = dialog.findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok);
    QVERIFY(ok->isEnabled());
    dialog.dtypeBox()->setCurrentIndex(dialog.dtypeBox()->findData(static_cast<int>(DType::Float32)));
    dialog.weightsBox()->setCurrentIndex(dialog.weightsBox()->findData(static_cast<int>(WeightForm::Int4)));
    QVERIFY(!ok->isEnabled());
    QVERIFY(!dialog.wantsReload());
    dialog.weightsBox()->setCurrentIndex(0);
    QVERIFY(ok->isEnabled());
    dialog.deviceBox()->addItem("none", "gpu:99");
    dialog.deviceBox()->setCurrentIndex(dialog.deviceBox()->count() - 1);
    QVERIFY(!ok->isEnabled());
}

void WindowToolsTest::resetsTheLayout()
{
    QAction *log = m_window->actions().action("dock.log");
    log->trigger();
    QVERIFY(log->isChecked());
    m_window->actions().action("view.resetLayout")->trigger();
    QVERIFY(!log->isChecked());
}

void WindowToolsTest::takesFilesOverTextFields()
{
    m_window->showPage("generate");
    auto *prompt = m_window->generatePage()->findChild<QPlainTextEdit *>();
    QVERIFY(prompt);
    QMimeData files;
    files.setUrls({QUrl::fromLocalFile(m_folder->filePath("notes.txt"))});
    files.setText(m_folder->filePath("notes.txt"));
    QDragEnterEvent enter(QPoint(9, 9), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(prompt->viewport(), &enter);
    QDropEvent drop(QPointF(9, 9), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(prompt->viewport(), &drop);
    QTRY_VERIFY(m_window->currentPage()->messages()->text().contains("notes.txt"));
    QVERIFY(!m_window->currentPage()->messages()->text().contains('\n'));
    QCOMPARE(prompt->toPlainText(), QString());
}

void WindowToolsTest::namesEveryControl()
{
    loadAndProbe();
    QStringList nameless;
    for (const QString &page : ExplorerOptions::pageNames()) {
        m_window->showPage(page);
        QCoreApplication::processEvents();
        nameless += namelessIn(m_window->currentPage());
    }
    nameless += namelessIn(m_window.get());
    SettingsDialog settings(*m_theme, *m_settings, true, m_window.get());
    ExportAllDialog exportAll(m_window->session(), {{"heads", m_window->headsPage()}}, *m_settings, m_window.get());
    m_window->showPage("heads");
    ExportDialog figure(*m_window->currentPage()->exportChart(), {}, m_window.get());
    for (QWidget *dialog : std::initializer_list<QWidget *>{&settings, &exportAll, &figure})
        nameless += namelessIn(dialog);
    nameless.removeDuplicates();
    QVERIFY2(nameless.isEmpty(), qPrintable("\n" + nameless.join('\n')));
}

void WindowToolsTest::goesAroundByTab_data()
{
    QTest::addColumn<QString>("page");
    for (const QString &page : ExplorerOptions::pageNames())
        QTest::newRow(qPrintable(page)) << page;
}

/// Tab leads through all controls of a page that are seen and enabled, and nothing keeps it.
void WindowToolsTest::goesAroundByTab()
{
    QFETCH(QString, page);
    if (page != "start")
        loadAndProbe();
    m_window->showPage(page);
    m_window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    QSet<QWidget *> reached;
    constexpr int most = 300;
    for (int i = 0; i < most; ++i) {
        QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : m_window.get(), Qt::Key_Tab);
        reached.insert(QApplication::focusWidget());
    }
    QStringList missed;
    for (QWidget *widget : m_window->currentPage()->findChildren<QWidget *>()) {
        const QWidget *proxy = widget->focusProxy();
        const bool wanted = (widget->focusPolicy() & Qt::TabFocus) && !proxy && widget->isVisible() &&
                            widget->isEnabled() && !isInner(widget);
        if (wanted && !reached.contains(widget) && !qobject_cast<QRadioButton *>(widget))
            missed.append(describe(widget));
    }
    QVERIFY2(missed.isEmpty(), qPrintable("\n" + missed.join('\n')));
    QVERIFY(reached.size() > 7); // the rail, and more
}

QTEST_MAIN(WindowToolsTest)
#include "WindowToolsTest.moc"
