// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/budget/BudgetSettingsPanel.h"

#include "app/explorer/common/FormHelpers.h"
#include "sessions/ScoreLibrary.h"
#include "widgets/Formats.h"
#include "widgets/controls/BetaSlider.h"
#include "widgets/theme/Theme.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

namespace {

constexpr int mostTokens = 1 << 24;
constexpr int idRole = Qt::UserRole;
constexpr int rowHeight = 22;

QString capitalized(const QString &text) { return text.left(1).toUpper() + text.mid(1); }

} // namespace

BudgetSettingsPanel::BudgetSettingsPanel(const ScoreLibrary &library, QWidget *parent)
    : QWidget(parent)
    , m_library(library)
    , m_methods(new QListWidget)
    , m_reason(new QLabel)
    , m_scores(new QComboBox)
    , m_budget(new QSpinBox)
    , m_window(new QSpinBox)
    , m_beta(new BetaSlider)
    , m_granularity(new QComboBox)
    , m_redistribute(new QCheckBox(tr("Re&distribute")))
    , m_tokens(new QSpinBox)
    , m_pause(new QTimer(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(
        labelFor(m_methods, tr("&Methods, up to four"), tr("Ways to say how many tokens each head keeps")));
    layout->addWidget(m_methods);
    layout->addWidget(m_reason);
    auto *form = new QFormLayout;
    form->setSpacing(Theme::spacing);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->setRowWrapPolicy(QFormLayout::DontWrapRows);
    buildForm(form);
    layout->addLayout(form);
    layout->addWidget(m_beta);
    layout->addWidget(named(m_redistribute, tr("Redistribute"),
                            tr("HeadKV: what a head cannot use, since the context is shorter than its capacity, goes "
                               "to the others")));
    layout->addStretch();
    m_reason->setWordWrap(true);
    m_reason->setForegroundRole(QPalette::PlaceholderText);
    m_pause->setSingleShot(true);
    m_pause->setInterval(700);
    connectAll();
}

void BudgetSettingsPanel::buildForm(QFormLayout *form)
{
    for (const MethodInfo &method : compressionMethods()) {
        auto *item = new QListWidgetItem(textOf(method.name), m_methods);
        item->setData(idRole, textOf(method.id));
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(Qt::Unchecked);
        item->setSizeHint({0, rowHeight});
    }
    m_methods->setUniformItemSizes(true);
    m_methods->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scores->setMinimumContentsLength(12);
    m_scores->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    form->addRow(labelFor(m_scores, tr("&Score set"), tr("Whose importance of heads HeadKV and RazorAttention go by")),
                 m_scores);
    m_budget->setRange(1, mostTokens);
    m_budget->setSuffix(tr(" tokens"));
    form->addRow(
        labelFor(m_budget, tr("&Base budget"), tr("Tokens that a head keeps on average, the window's included")),
        m_budget);
    m_window->setRange(0, mostTokens);
    m_window->setSpecialValueText(tr("auto (%1)").arg(publishedWindow));
    m_window->setSuffix(tr(" tokens"));
    form->addRow(labelFor(m_window, tr("&Window"),
                          tr("The last tokens of a prompt, which are always kept and whose queries choose among the "
                             "rest; auto is 8 here, as no prompt says more")),
                 m_window);
    m_granularity->addItem(tr("Query heads"), static_cast<int>(Granularity::QueryHead));
    m_granularity->addItem(tr("KV heads"), static_cast<int>(Granularity::KvHead));
    form->addRow(labelFor(m_granularity, tr("&Granularity"), {}), m_granularity);
    m_tokens->setRange(0, mostTokens);
    m_tokens->setSuffix(tr(" tokens"));
    form->addRow(labelFor(m_tokens, tr("&Context"),
                          tr("The length of the prompt that kept tokens and bytes are told for; auto is what the "
                             "model was trained for, or 8,192 without a model")),
                 m_tokens);
    const QString betaTip = tr("How much of each head's budget is kept equal: near 1 the scores decide almost all, far "
                               "above 1 all heads keep the same, as with SnapKV");
    form->addRow(labelFor(m_beta->number(), tr("β of Head&KV"), betaTip), m_beta->number());
    m_beta->slider()->setToolTip(betaTip);
    for (QSpinBox *box : {m_budget, m_window, m_tokens}) {
        box->setGroupSeparatorShown(true);
        box->setKeyboardTracking(false);
    }
}

void BudgetSettingsPanel::connectAll()
{
    connect(m_methods, &QListWidget::itemChanged, this, [this](const QListWidgetItem *item) {
        const QString id = item->data(idRole).toString();
        endGesture();
        edit(tr("choice of methods"), [&](BudgetSettings &settings) {
            settings.methods.removeAll(id);
            if (item->checkState() == Qt::Checked)
                settings.methods.append(id);
        });
    });
    connect(m_scores, &QComboBox::activated, this, [this](int index) {
        endGesture();
        edit(tr("score set"), [&](BudgetSettings &settings) { settings.scores = m_library.sets()[index].scores; });
    });
    connect(m_budget, &QSpinBox::valueChanged, this,
            [this](int value) { edit(tr("base budget"), [value](BudgetSettings &s) { s.budget = value; }); });
    const auto orAuto = [](int value) { return value > 0 ? std::optional(value) : std::nullopt; };
    connect(m_window, &QSpinBox::valueChanged, this,
            [this, orAuto](int value) { edit(tr("window"), [=](BudgetSettings &s) { s.window = orAuto(value); }); });
    connect(m_tokens, &QSpinBox::valueChanged, this,
            [this, orAuto](int value) { edit(tr("context"), [=](BudgetSettings &s) { s.tokens = orAuto(value); }); });
    connect(m_beta, &BetaSlider::betaChanged, this,
            [this](double beta) { edit(tr("β"), [beta](BudgetSettings &s) { s.beta = beta; }); });
    connect(m_granularity, &QComboBox::activated, this, [this] {
        endGesture();
        edit(tr("granularity"), [this](BudgetSettings &settings) {
            settings.granularity = static_cast<Granularity>(m_granularity->currentData().toInt());
        });
    });
    connect(m_redistribute, &QCheckBox::clicked, this, [this](bool on) {
        endGesture();
        edit(tr("redistribution"), [on](BudgetSettings &settings) { settings.redistribute = on; });
    });
    connect(m_beta, &BetaSlider::settled, this, &BudgetSettingsPanel::endGesture);
    for (QSpinBox *box : {m_budget, m_window, m_tokens})
        connect(box, &QSpinBox::editingFinished, this, &BudgetSettingsPanel::endGesture);
    connect(m_pause, &QTimer::timeout, this, [this] {
        if (!m_beta->slider()->isSliderDown())
            endGesture();
    });
    // The window's undo, not a text field's: an edit here is one of the page.
    for (QWidget *box : std::initializer_list<QWidget *>{m_budget, m_window, m_tokens, m_beta->number()})
        useWindowUndo(box->findChild<QLineEdit *>());
}

template <typename Change>
void BudgetSettingsPanel::edit(const QString &what, Change change)
{
    BudgetSettings settings = m_shown;
    change(settings);
    if (settings == m_shown)
        return;
    m_pause->start();
    Q_EMIT edited(what, m_gesture, settings);
}

void BudgetSettingsPanel::endGesture() { ++m_gesture; }

void BudgetSettingsPanel::show(const BudgetSettings &settings, const BudgetBasis &basis)
{
    m_shown = settings;
    const QSignalBlocker quiet(this);
    showMethods(basis);
    showScoreSets();
    const auto show = [](QSpinBox *box, int value) {
        const QSignalBlocker quietBox(box);
        box->setValue(value);
    };
    show(m_budget, settings.budget);
    show(m_window, settings.window.value_or(0));
    if (const QString text = tr("auto (%1)").arg(formatCount(basis.contextLength));
        m_tokens->specialValueText() != text)
        m_tokens->setSpecialValueText(text);
    show(m_tokens, settings.tokens.value_or(0));
    m_beta->setBeta(settings.beta);
    m_redistribute->setChecked(settings.redistribute);
    showRunnable(basis);
}

void BudgetSettingsPanel::showMethods(const BudgetBasis &basis)
{
    const QSignalBlocker quiet(m_methods);
    const bool full = shownMethods(m_shown, basis).size() >= BudgetSettings::mostMethods;
    QStringList missing;
    QString reason;
    int row = 0;
    for (const MethodInfo &method : compressionMethods()) {
        QListWidgetItem *item = m_methods->item(row++);
        const bool chosen = m_shown.methods.contains(item->data(idRole).toString());
        QString problem = methodProblem(method, basis);
        if (!problem.isEmpty()) {
            missing.append(item->text());
            reason = problem;
        } else if (full && !chosen) {
            problem = tr("four are shown already; take one off first");
        }
        item->setCheckState(chosen && methodProblem(method, basis).isEmpty() ? Qt::Checked : Qt::Unchecked);
        const Qt::ItemFlags flags =
            problem.isEmpty() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable : Qt::NoItemFlags;
        if (item->flags() != flags) // each call draws the list again
            item->setFlags(flags);
        item->setToolTip(problem.isEmpty() ? textOf(method.summary) : capitalized(problem));
    }
    m_reason->setText(missing.isEmpty() ? QString()
                                        : missing.join(tr(", ")) + QStringLiteral(": ") + reason + QLatin1Char('.'));
    m_reason->setVisible(!missing.isEmpty());
    m_methods->setFixedHeight(rowHeight * m_methods->count() + 2 * m_methods->frameWidth() + 2);
}

void BudgetSettingsPanel::showScoreSets()
{
    const auto &sets = m_library.sets();
    QStringList names;
    for (const ScoreSet &set : sets)
        names.append(set.name);
    if (sets.empty())
        names.append(tr("none open"));
    QStringList listed;
    for (int i = 0; i < m_scores->count(); ++i)
        listed.append(m_scores->itemText(i));
    if (names != listed) {
        m_scores->clear();
        m_scores->addItems(names);
    }
    for (std::size_t i = 0; i < sets.size(); ++i) {
        m_scores->setItemData(static_cast<int>(i), sets[i].origin, Qt::ToolTipRole);
        if (sets[i].scores == m_shown.scores)
            m_scores->setCurrentIndex(static_cast<int>(i));
    }
}

void BudgetSettingsPanel::showRunnable(const BudgetBasis &basis)
{
    setRunnable(m_scores, m_library.sets().empty() ? tr("No score set is open; open one or run a probe") : QString(),
                tr("Whose importance of heads HeadKV and RazorAttention go by"));
    setRunnable(m_granularity,
                basis.kvHeadsKnown ? QString()
                                   : tr("A score set does not say which query heads share a KV head; load its model"),
                tr("What keeps tokens of its own: each query head, as published, or each KV head, so that no key is "
                   "stored twice"));
    const auto shown = basis.kvHeadsKnown ? m_shown.granularity : Granularity::QueryHead;
    m_granularity->setCurrentIndex(m_granularity->findData(static_cast<int>(shown)));
    const bool scored = !basis.importance.empty();
    const bool usesBeta = scored && m_shown.methods.contains(QStringLiteral("headkv"));
    const QString why = scored ? tr("Choose HeadKV to use it") : capitalized(basis.scoresProblem);
    m_beta->setEnabled(usesBeta);
    m_beta->number()->setEnabled(usesBeta);
    m_redistribute->setEnabled(usesBeta);
    m_beta->setToolTip(usesBeta ? QString() : why);
}

} // namespace headkv
