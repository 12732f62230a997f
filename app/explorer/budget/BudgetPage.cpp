// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/budget/BudgetPage.h"

#include "app/explorer/budget/BudgetCard.h"
#include "app/explorer/budget/BudgetCharts.h"
#include "app/explorer/budget/BudgetExport.h"
#include "app/explorer/budget/BudgetSettingsPanel.h"
#include "app/explorer/common/ActionRegistry.h"
#include "app/explorer/common/ChartActions.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/UserSettings.h"
#include "app/explorer/common/ValueEdit.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/charts/BetaCurveView.h"
#include "widgets/charts/HeatmapView.h"
#include "widgets/controls/EmptyState.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Theme.h"

#include <QAction>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QUndoStack>
#include <algorithm>
#include <cmath>
#include <limits>

namespace headkv {

namespace {

/// The next of few round numbers: a range that a small change leaves as it is leaves the colours as they are.
double roundUp(double value)
{
    const double power = std::pow(10, std::floor(std::log10(std::max(value, 1.0))));
    for (const double factor : {1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0}) {
        if (factor * power >= value)
            return factor * power;
    }
    return 10 * power;
}

} // namespace

BudgetPage::BudgetPage(Session &session, QSettings &settings, const ActionRegistry &actions, QUndoStack &undo,
                       QWidget *parent)
    : Page(parent)
    , m_session(session)
    , m_settings(settings)
    , m_undo(undo)
    , m_stack(new QStackedWidget)
    , m_panel(new BudgetSettingsPanel(session.scores()))
    , m_charts(new BudgetCharts(settings))
    , m_scale(new QComboBox)
    , m_hover(named(new QLabel, tr("The head under the mouse")))
    , m_none(new QLabel(tr("Choose a method at the left to see its budgets.")))
{
    auto *empty = new EmptyState(
        QStringLiteral("budget"), tr("Nothing to budget for yet"),
        tr("Open a file of head scores or load a model to see how many tokens each head keeps."), tr("Open scores…"));
    empty->setSecondAction(tr("Load the default model"));
    m_stack->addWidget(empty);
    m_stack->addWidget(buildContent());
    setContent(m_stack);
    connect(empty, &EmptyState::actionTriggered, this, &BudgetPage::openRequested);
    connect(empty, &EmptyState::secondActionTriggered, actions.action(QStringLiteral("file.loadDefault")),
            &QAction::trigger);
    connect(&session, &Session::modelChanged, this, &BudgetPage::takeStock);
    connect(&session.scores(), &ScoreLibrary::added, this, &BudgetPage::takeStock);
    connect(&session.scores(), &ScoreLibrary::removed, this, &BudgetPage::takeStock);
    connect(m_panel, &BudgetSettingsPanel::edited, this,
            [this](const QString &what, int gesture, const BudgetSettings &edited) {
                m_undo.push(new ValueEdit<BudgetSettings>(EditKind::Budget, tr("change of %1").arg(what), gesture,
                                                          m_chosen, edited,
                                                          [this](const BudgetSettings &chosen) { apply(chosen); }));
            });
    takeStock();
}

SessionBudgets BudgetPage::state() const
{
    const auto &sets = m_session.scores().sets();
    const auto own = std::ranges::find(sets, m_chosen.scores, &ScoreSet::scores);
    SessionBudgets state;
    state.methods = m_chosen.methods;
    state.budget = m_chosen.budget;
    state.window = m_chosen.window;
    state.beta = m_chosen.beta;
    state.byKvHead = m_chosen.granularity == Granularity::KvHead;
    state.redistribute = m_chosen.redistribute;
    state.scoreSet = m_chosen.scores && own != sets.end() ? static_cast<int>(own - sets.begin()) : -1;
    state.tokens = m_chosen.tokens;
    return state;
}

void BudgetPage::restore(const SessionBudgets &state)
{
    const auto &sets = m_session.scores().sets();
    BudgetSettings settings;
    settings.methods = state.methods;
    settings.budget = state.budget;
    settings.window = state.window;
    settings.beta = state.beta;
    settings.granularity = state.byKvHead ? Granularity::KvHead : Granularity::QueryHead;
    settings.redistribute = state.redistribute;
    if (state.scoreSet >= 0 && state.scoreSet < static_cast<int>(sets.size()))
        settings.scores = sets[static_cast<std::size_t>(state.scoreSet)].scores;
    settings.tokens = state.tokens;
    m_chosen = settings;
    takeStock(); // another set, where this one does not fit the model
}

QWidget *BudgetPage::buildContent()
{
    QScrollArea *scroll = scrolled(m_panel);
    scroll->setMinimumWidth(250);
    auto *split = new QSplitter(Qt::Horizontal);
    split->addWidget(scroll);
    split->addWidget(buildCards());
    split->addWidget(m_charts);
    split->setStretchFactor(0, 0);
    split->setStretchFactor(1, 3);
    split->setStretchFactor(2, 2);
    split->setSizes({260, 570, 330});
    split->setChildrenCollapsible(false);
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addLayout(buildBar());
    layout->addWidget(split, 1);
    return content;
}

QHBoxLayout *BudgetPage::buildBar()
{
    m_scale->addItem(tr("Linear"), static_cast<int>(HeatmapScale::Kind::Linear));
    m_scale->addItem(tr("Logarithmic"), static_cast<int>(HeatmapScale::Kind::Log));
    QPushButton *budgets =
        iconButton(QStringLiteral("save"), tr("Export budgets"),
                   tr("Write capacities by layer and head as JSON, as headkv allocate does, or CSV"));
    QPushButton *figure = iconButton(QStringLiteral("export"), tr("Export figure"),
                                     tr("Write a figure of this page as PNG, SVG, PDF or CSV"));
    const auto addMenu = [this](QPushButton *button, auto fill) {
        auto *menu = new QMenu(button);
        button->setMenu(menu);
        button->setProperty("hasMenu", true); // the style sheet leaves room for the arrow
        connect(menu, &QMenu::aboutToShow, this, [this, menu, fill] {
            menu->clear();
            (this->*fill)(menu);
        });
    };
    addMenu(budgets, &BudgetPage::fillBudgetMenu);
    addMenu(figure, &BudgetPage::fillFigureMenu);
    auto *bar = new QHBoxLayout;
    bar->setSpacing(Theme::spacing);
    bar->addWidget(labelFor(m_scale, tr("S&cale"), tr("How tokens become colours; all heatmaps share one range")));
    bar->addWidget(m_scale);
    bar->addStretch();
    bar->addWidget(budgets);
    bar->addWidget(figure);
    connect(m_scale, &QComboBox::currentIndexChanged, this, [this] {
        for (BudgetCard *card : m_cards)
            card->heatmap()->setScale(sharedScale());
    });
    return bar;
}

QWidget *BudgetPage::buildCards()
{
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(Theme::spacing, 0, Theme::spacing, 0);
    layout->setSpacing(Theme::spacing / 2);
    m_grid = new QGridLayout;
    m_grid->setSpacing(Theme::spacing);
    for (BudgetCard *&card : m_cards) {
        card = new BudgetCard(box);
        card->hide();
        connectHeatmap(card->heatmap());
    }
    m_none->setAlignment(Qt::AlignCenter);
    m_none->setForegroundRole(QPalette::PlaceholderText);
    layout->addLayout(m_grid, 1);
    layout->addWidget(m_none, 1);
    m_hover->setMinimumHeight(m_hover->fontMetrics().lineSpacing());
    m_hover->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    layout->addWidget(m_hover);
    return box;
}

void BudgetPage::connectHeatmap(HeatmapView *heatmap)
{
    enableChartMenu(heatmap, m_settings, this);
    const auto show = [this, heatmap](int layer, int head) { hover(heatmap, {layer, head}); };
    connect(heatmap, &HeatmapView::hovered, this, show);
    connect(heatmap, &HeatmapView::currentChanged, this, show);
    connect(heatmap, &HeatmapView::hoverEnded, this, [this] { hover(nullptr, {}); });
    connect(heatmap, &HeatmapView::pinned, this, [this, heatmap] { pin(heatmap); });
    connect(heatmap, &HeatmapView::unpinned, this, [this, heatmap] { pin(heatmap); });
}

void BudgetPage::takeStock()
{
    const auto &sets = m_session.scores().sets();
    const auto info = m_session.modelInfo();
    const auto fits = [&info](const HeadScores &scores) {
        return !info || (scores.layers == info->layers && scores.heads == info->queryHeads);
    };
    const auto open = std::ranges::find(sets, m_chosen.scores, &ScoreSet::scores);
    if (open == sets.end() || !fits(*m_chosen.scores)) {
        const auto fitting = std::ranges::find_if(sets, [&](const ScoreSet &set) { return fits(*set.scores); });
        if (fitting != sets.end())
            m_chosen.scores = fitting->scores;
        else if (open == sets.end())
            m_chosen.scores = sets.empty() ? nullptr : sets.front().scores;
    }
    apply(m_chosen);
}

void BudgetPage::apply(const BudgetSettings &settings)
{
    m_chosen = settings;
    m_basis = budgetBasis(m_session, m_chosen);
    m_panel->show(m_chosen, m_basis);
    m_stack->setCurrentIndex(m_basis.isEmpty() ? 0 : 1);
    m_plans.clear();
    if (!m_basis.isEmpty())
        refresh();
}

void BudgetPage::refresh()
{
    for (const MethodInfo *method : shownMethods(m_chosen, m_basis))
        m_plans.push_back(planMethod(*method, m_chosen, m_basis));
    const int tokens = tokensOf(m_chosen, m_basis);
    const HeatmapScale scale = sharedScale();
    for (std::size_t i = 0; i < m_plans.size(); ++i)
        m_cards[i]->show(m_plans[i], m_basis, tokens, scale);
    placeCards();
    m_charts->show(m_plans, m_chosen, m_basis);
    hover(nullptr, {});
}

void BudgetPage::placeCards()
{
    const std::size_t count = m_plans.size();
    m_none->setVisible(count == 0);
    if (static_cast<std::size_t>(m_grid->count()) == count)
        return;
    const int columns = count > 2 ? 2 : 1;
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        m_grid->removeWidget(m_cards[i]);
        const int at = static_cast<int>(i);
        const int span = i + 1 == count && at % columns == 0 ? columns : 1; // a last one alone takes the row
        if (i < count)
            m_grid->addWidget(m_cards[i], at / columns, at % columns, 1, span);
        m_cards[i]->setVisible(i < count);
    }
    for (int i = 0; i < 2; ++i) {
        m_grid->setRowStretch(i, i * columns < static_cast<int>(count) ? 1 : 0);
        m_grid->setColumnStretch(i, i < columns ? 1 : 0);
    }
}

HeatmapScale BudgetPage::sharedScale() const
{
    ValueRange range{std::numeric_limits<double>::infinity(), 0};
    for (const MethodBudget &plan : m_plans) {
        if (plan.isMean || plan.kept.empty())
            continue;
        const auto [least, greatest] = std::ranges::minmax(plan.kept);
        range = {std::min(range.low, least), std::max(range.high, greatest)};
    }
    HeatmapScale scale;
    scale.kind = static_cast<HeatmapScale::Kind>(m_scale->currentData().toInt());
    range.high = roundUp(range.high);
    if (scale.kind == HeatmapScale::Kind::Linear)
        range.low = 0;
    scale.fixed = range;
    return scale;
}

void BudgetPage::showEvent(QShowEvent *event)
{
    // The Heads page chooses the map.
    const ColorMap::Name map = storedColorMap(m_settings);
    for (BudgetCard *card : m_cards)
        card->heatmap()->setColorMap(map);
    Page::showEvent(event);
}

void BudgetPage::pin(const HeatmapView *from)
{
    for (BudgetCard *card : m_cards) {
        HeatmapView *heatmap = card->heatmap();
        if (heatmap != from && heatmap->data().heads == from->data().heads)
            heatmap->setPins(from->pins());
    }
}

void BudgetPage::hover(const HeatmapView *heatmap, HeadCell head)
{
    if (heatmap && head.isValid()) {
        QStringList words = heatmap->describe(head).split(QLatin1Char('\n'));
        m_hover->setText(words.join(QStringLiteral("  ·  ")));
        return;
    }
    m_hover->setText(
        tr("%1 layers × %2 query heads%3. Point at a head; a click marks it.")
            .arg(m_basis.target.shape.layers)
            .arg(m_basis.target.shape.queryHeads)
            .arg(m_basis.kvHeadsKnown ? tr(", %1 KV heads").arg(m_basis.target.shape.kvHeads) : QString()));
}

Chart *BudgetPage::exportChart() const
{
    for (std::size_t i = 0; i < m_plans.size(); ++i) {
        if (m_cards[i]->hasHeatmap() && (m_cards[i]->heatmap()->hasFocus() || i + 1 == m_plans.size()))
            return m_cards[i]->heatmap();
    }
    const QList<Chart *> others = m_basis.isEmpty() ? QList<Chart *>() : m_charts->charts();
    return others.isEmpty() ? nullptr : others.first();
}

ExportItems BudgetPage::exportItems()
{
    ExportItems items;
    if (m_basis.isEmpty())
        return items;
    const int tokens = tokensOf(m_chosen, m_basis);
    std::vector<MethodBudget> known;
    for (std::size_t i = 0; i < m_plans.size(); ++i) {
        if (m_cards[i]->hasHeatmap())
            items.add(m_cards[i]->heatmap(), tr("Tokens kept, %1").arg(m_plans[i].name()));
        if (!m_plans[i].problem.isEmpty() || m_plans[i].isMean)
            continue;
        known.push_back(m_plans[i]);
        const auto save = [plan = m_plans[i], basis = m_basis, tokens](const QString &path) {
            return saveBudgets({plan}, basis, tokens, path);
        };
        items.files.push_back(
            {QStringLiteral("budgets-%1.json").arg(QString::fromStdString(known.back().settings.method)), save});
    }
    for (Chart *chart : m_charts->charts())
        items.add(chart);
    if (!known.empty())
        items.files.push_back({QStringLiteral("budgets.csv"), [known, basis = m_basis, tokens](const QString &path) {
                                   return saveBudgets(known, basis, tokens, path);
                               }});
    return items;
}

void BudgetPage::fillFigureMenu(QMenu *menu)
{
    const auto add = [this, menu](const QString &text, Chart *chart) {
        connect(menu->addAction(text), &QAction::triggered, this,
                [this, chart] { exportChartWithDialog(*chart, m_settings, this); });
    };
    for (std::size_t i = 0; i < m_plans.size(); ++i) {
        if (m_cards[i]->hasHeatmap())
            add(tr("Heatmap of %1…").arg(m_plans[i].name()), m_cards[i]->heatmap());
    }
    menu->addSeparator();
    for (Chart *chart : m_charts->charts())
        add(chart->title() + QStringLiteral("…"), chart);
}

void BudgetPage::fillBudgetMenu(QMenu *menu)
{
    std::vector<MethodBudget> known;
    std::ranges::copy_if(m_plans, std::back_inserter(known),
                         [](const MethodBudget &plan) { return plan.problem.isEmpty() && !plan.isMean; });
    for (const MethodBudget &plan : known)
        connect(menu->addAction(tr("%1…").arg(plan.name())), &QAction::triggered, this,
                [this, plan] { exportBudgets({plan}, false); });
    if (known.empty()) {
        menu->addAction(tr("No budgets are shown"))->setEnabled(false);
        return;
    }
    menu->addSeparator();
    connect(menu->addAction(tr("All as one table…")), &QAction::triggered, this,
            [this, known] { exportBudgets(known, true); });
}

void BudgetPage::exportBudgets(const std::vector<MethodBudget> &plans, bool table)
{
    const QString key = QStringLiteral("exportFolder");
    const QString json = tr("Budgets (*.json)");
    const QString csv = tr("Table (*.csv)");
    const QString name =
        table ? QStringLiteral("/budgets.csv")
              : QStringLiteral("/budgets-%1.json").arg(QString::fromStdString(plans.front().settings.method));
    QString chosen = table ? csv : json;
    QString path = QFileDialog::getSaveFileName(this, tr("Export budgets"), m_settings.value(key).toString() + name,
                                                table ? csv : json + QStringLiteral(";;") + csv, &chosen);
    if (path.isEmpty())
        return;
    if (QFileInfo(path).suffix().isEmpty())
        path += chosen == csv ? QStringLiteral(".csv") : QStringLiteral(".json");
    const QString error = saveBudgets(plans, m_basis, tokensOf(m_chosen, m_basis), path);
    if (error.isEmpty()) {
        m_settings.setValue(key, QFileInfo(path).absolutePath());
        messages()->showMessage(MessageBar::Kind::Info, tr("Saved %1").arg(path));
    } else {
        messages()->showMessage(MessageBar::Kind::Error, error);
    }
}

} // namespace headkv
