// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/TourStops.h"

#include "app/explorer/budget/BudgetPage.h"
#include "app/explorer/budget/BudgetSettingsPanel.h"
#include "app/explorer/compare/ComparePage.h"
#include "app/explorer/compare/CompareView.h"
#include "app/explorer/heads/HeadAnalysisPanel.h"
#include "app/explorer/heads/HeadMapsView.h"
#include "app/explorer/heads/HeadSetBar.h"
#include "app/explorer/heads/HeadsPage.h"
#include "app/explorer/probe/ProbePage.h"
#include "app/explorer/window/MainWindow.h"
#include "app/explorer/window/PageRail.h"
#include "widgets/controls/BetaSlider.h"

#include <QCoreApplication>
#include <QMenuBar>
#include <QPushButton>

namespace headkv {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("headkv::GuidedTour", text); }

} // namespace

std::vector<TourStop> tourStops(MainWindow &window)
{
    const QString heads = QStringLiteral("heads"), budget = QStringLiteral("budget");
    return {
        {heads, [&window] { return window.findChild<PageRail *>(); }, tr("From a model to a decision"),
         tr("Each page is a step: load a model, probe its heads, look at their scores, share the memory out, and see "
            "what that does to answers. Ctrl+1 to Ctrl+7 lead there.")},
        {heads, [&window] { return window.headsPage()->maps(); }, tr("Which heads find the facts?"),
         tr("A cell is an attention head: its layer across, its number down. The brighter, the more often it looked at "
            "the hidden sentence when the answer was asked for. Click one, or press Enter on it, to pin it; the "
            "inspector then tells all about it.")},
        {heads, [&window] { return window.headsPage()->setBar(); }, tr("Three ways to ask"),
         tr("R counts a head that looks at the very token that is said, ER the attention on the whole answer, R2 the "
            "same where only a reasoning step leads there. Choose a second set to see them side by side, or their "
            "difference.")},
        {heads, [&window] { return window.headsPage()->analysis(); }, tr("A few do most of the work"),
         tr("Curves, shares by layer and tables of the same scores. The tests tell how far to trust them.")},
        {budget, [&window] { return window.budgetPage()->panel()->beta(); }, tr("Memory for the heads that need it"),
         tr("β says how much the scores decide. Slide it: towards 1 the strong heads take nearly all, far above 1 all "
            "heads keep the same. Ctrl+Z takes a change back.")},
        {QStringLiteral("compare"), [&window] { return window.comparePage()->view(); }, tr("What it costs in answers"),
         tr("The same questions, put to each method at each budget: scores with their uncertainty, needle grids, speed "
            "and memory, and every answer word for word.")},
        {QStringLiteral("probe"), [&window] { return window.probePage()->startButton(); }, tr("Now your own model"),
         tr("Load a model, keep the settings, and press Start: the scores grow as the cases finish, and become a set "
            "on the Heads page.")},
        {heads, [&window] { return window.menuBar(); }, tr("Nothing is lost"),
         tr("File › Save keeps scores, budgets, runs, pins and notes in one file, which opens without the model. The "
            "tour is in the Help menu.")},
    };
}

} // namespace headkv
