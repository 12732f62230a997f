// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/compare/VariantPanel.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/TypedLists.h"
#include "core/base/Error.h"
#include "core/compression/CompressionMethod.h"
#include "sessions/ScoreLibrary.h"
#include "sessions/SessionDocument.h"
#include "widgets/theme/ChartStyle.h"
#include "widgets/theme/Theme.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

namespace {

constexpr int mostTokens = 1 << 24;
constexpr int idRole = Qt::UserRole;
constexpr int rowHeight = 22;
constexpr int mostSetRows = 4;

constexpr Qt::ItemFlags choosable = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable;

void setRows(QListWidget *list, int rows) { list->setFixedHeight(rowHeight * rows + 2 * list->frameWidth() + 2); }

} // namespace

VariantPanel::VariantPanel(const ScoreLibrary &library, QWidget *parent)
    : QWidget(parent)
    , m_library(library)
    , m_methods(named(new QListWidget, tr("Methods"), {}))
    , m_reason(new QLabel)
    , m_sets(named(new QListWidget, tr("Score sets"), {}))
    , m_budgets(new QLineEdit)
    , m_granularity(new QComboBox)
    , m_window(new QSpinBox)
    , m_beta(new QDoubleSpinBox)
    , m_moment(new QComboBox)
{
    build();
    connectAll();
    restore({});
}

void VariantPanel::build()
{
    for (QListWidget *list : {m_methods, m_sets}) {
        list->setUniformItemSizes(true);
        list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        list->setTextElideMode(Qt::ElideMiddle);
        list->setIconSize({14, 14});
    }
    for (const MethodInfo &method : compressionMethods()) {
        auto *item = new QListWidgetItem(textOf(method.name), m_methods);
        item->setData(idRole, textOf(method.id));
        item->setSizeHint({0, rowHeight});
    }
    setRows(m_methods, m_methods->count());
    m_reason->setWordWrap(true);
    m_reason->setForegroundRole(QPalette::PlaceholderText);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(heading(tr("Methods")));
    layout->addWidget(m_methods);
    layout->addWidget(m_reason);
    layout->addWidget(heading(tr("Score sets")));
    layout->addWidget(m_sets);
    auto *form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setSpacing(Theme::spacing);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    buildForm(form);
    layout->addWidget(heading(tr("Compression")));
    layout->addLayout(form);
}

void VariantPanel::buildForm(QFormLayout *form)
{
    form->addRow(labelFor(m_budgets, tr("&Budgets"),
                          tr("Tokens that a head keeps on average, the window's included: each method that has a "
                             "budget runs with each of these")),
                 m_budgets);
    m_granularity->addItem(tr("KV heads"), static_cast<int>(Granularity::KvHead));
    m_granularity->addItem(tr("Query heads"), static_cast<int>(Granularity::QueryHead));
    form->addRow(labelFor(m_granularity, tr("&Granularity"),
                          tr("What keeps tokens of its own: each KV head, so that no key is stored twice, or each "
                             "query head, as published")),
                 m_granularity);
    m_window->setRange(0, mostTokens);
    m_window->setSpecialValueText(tr("auto"));
    m_window->setSuffix(tr(" tokens"));
    m_window->setGroupSeparatorShown(true);
    form->addRow(labelFor(m_window, tr("Windo&w"),
                          tr("The last tokens of a prompt, which are always kept and whose queries choose among the "
                             "rest; auto takes the question, published is 8")),
                 m_window);
    m_beta->setRange(1, 1000);
    m_beta->setDecimals(3);
    m_beta->setSingleStep(0.1);
    form->addRow(labelFor(m_beta, tr("β of Head&KV"), {}), m_beta);
    m_moment->addItem(tr("the question is read"), static_cast<int>(CompressionMoment::Question));
    m_moment->addItem(tr("the context is read"), static_cast<int>(CompressionMoment::Context));
    form->addRow(labelFor(m_moment, tr("Compress on&ce"),
                          tr("With the question, as published, or before it is known; then questions about one "
                             "document share one compressed cache")),
                 m_moment);
    m_moment->setMinimumContentsLength(12);
    m_moment->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
}

void VariantPanel::connectAll()
{
    connect(m_methods, &QListWidget::itemChanged, this, &VariantPanel::methodChecked);
    connect(m_sets, &QListWidget::itemChanged, this, &VariantPanel::setChecked);
    connect(m_budgets, &QLineEdit::textChanged, this, &VariantPanel::changed);
    for (QComboBox *box : {m_granularity, m_moment})
        connect(box, &QComboBox::currentIndexChanged, this, &VariantPanel::changed);
    connect(m_window, &QSpinBox::valueChanged, this, &VariantPanel::changed);
    connect(m_beta, &QDoubleSpinBox::valueChanged, this, &VariantPanel::changed);
    for (const auto signal : {&ScoreLibrary::added, &ScoreLibrary::removed})
        connect(&m_library, signal, this, [this] {
            showSets();
            showMethods();
            Q_EMIT changed();
        });
}

void VariantPanel::setModel(const InfoPtr &model)
{
    if (model == m_model)
        return;
    m_model = model;
    showSets();
    showMethods();
}

void VariantPanel::setMethods(const QStringList &methods)
{
    m_wanted = methods;
    showMethods();
    Q_EMIT changed();
}

SessionVariants VariantPanel::state() const
{
    SessionVariants state;
    state.methods = m_wanted;
    const auto &sets = m_library.sets();
    for (std::size_t i = 0; i < sets.size(); ++i) {
        if (std::ranges::find(m_unwanted, sets[i].scores) != m_unwanted.end())
            state.withoutSets.push_back(static_cast<int>(i));
    }
    state.budgets = m_budgets->text();
    state.byKvHead = m_granularity->currentData().toInt() == static_cast<int>(Granularity::KvHead);
    if (m_window->value() > 0)
        state.window = m_window->value();
    state.beta = m_beta->value();
    state.beforeQuestion = m_moment->currentData().toInt() == static_cast<int>(CompressionMoment::Context);
    return state;
}

void VariantPanel::restore(const SessionVariants &state)
{
    {
        const QSignalBlocker quiet(this);
        const auto choose = [](QComboBox *box, auto value) {
            box->setCurrentIndex(box->findData(static_cast<int>(value)));
        };
        m_unwanted.clear();
        for (const int set : state.withoutSets) {
            if (set >= 0 && set < static_cast<int>(m_library.sets().size()))
                m_unwanted.push_back(m_library.sets()[static_cast<std::size_t>(set)].scores);
        }
        m_budgets->setText(state.budgets);
        choose(m_granularity, state.byKvHead ? Granularity::KvHead : Granularity::QueryHead);
        m_window->setValue(state.window.value_or(0));
        m_beta->setValue(state.beta);
        choose(m_moment, state.beforeQuestion ? CompressionMoment::Context : CompressionMoment::Question);
        showSets();
    }
    setMethods(state.methods);
}

void VariantPanel::methodChecked(const QListWidgetItem *item)
{
    const QString id = item->data(idRole).toString();
    m_wanted.removeAll(id);
    if (item->checkState() == Qt::Checked)
        m_wanted.append(id);
    showMethods();
    Q_EMIT changed();
}

void VariantPanel::setChecked(const QListWidgetItem *item)
{
    const auto row = static_cast<std::size_t>(m_sets->row(item));
    if (row >= m_library.sets().size())
        return;
    const ScoresPtr &scores = m_library.sets()[row].scores;
    std::erase(m_unwanted, scores);
    if (item->checkState() != Qt::Checked)
        m_unwanted.push_back(scores);
    showMethods();
    Q_EMIT changed();
}

bool VariantPanel::isUsable(const ScoreSet &set) const
{
    return !m_model || (set.scores->layers == m_model->layers && set.scores->heads == m_model->queryHeads);
}

std::vector<const ScoreSet *> VariantPanel::chosenSets() const
{
    std::vector<const ScoreSet *> sets;
    for (const ScoreSet &set : m_library.sets()) {
        if (isUsable(set) && std::ranges::find(m_unwanted, set.scores) == m_unwanted.end())
            sets.push_back(&set);
    }
    return sets;
}

QString VariantPanel::scoresProblem() const
{
    if (m_library.sets().empty())
        return tr("No score set is open; open one or run a probe");
    if (std::ranges::none_of(m_library.sets(), [this](const ScoreSet &set) { return isUsable(set); }))
        return tr("No open score set is of this model; open one or run a probe");
    return chosenSets().empty() ? tr("Choose a score set below") : QString();
}

void VariantPanel::showSets()
{
    const QSignalBlocker quiet(m_sets);
    m_sets->clear();
    for (const ScoreSet &set : m_library.sets()) {
        auto *item = new QListWidgetItem(set.name, m_sets);
        item->setSizeHint({0, rowHeight});
        const bool usable = isUsable(set);
        const bool chosen = usable && std::ranges::find(m_unwanted, set.scores) == m_unwanted.end();
        item->setCheckState(chosen ? Qt::Checked : Qt::Unchecked);
        item->setFlags(usable ? choosable : Qt::NoItemFlags);
        item->setToolTip(usable ? set.origin
                                : tr("It has %1 × %2 heads, the model %3 × %4")
                                      .arg(set.scores->layers)
                                      .arg(set.scores->heads)
                                      .arg(m_model->layers)
                                      .arg(m_model->queryHeads));
    }
    const int rows = m_sets->count();
    if (rows == 0) {
        auto *none = new QListWidgetItem(tr("none open"), m_sets);
        none->setSizeHint({0, rowHeight});
        none->setFlags(Qt::NoItemFlags);
    }
    setRows(m_sets, std::clamp(rows, 1, mostSetRows));
    m_sets->setToolTip(rows == 0 ? scoresProblem()
                                 : tr("HeadKV and RazorAttention run once with each of these: whose importance of "
                                      "heads they go by"));
}

void VariantPanel::showMethods()
{
    const QSignalBlocker quiet(m_methods);
    const ChartStyle style = ChartStyle::fromPalette(palette());
    const QString noScores = scoresProblem();
    QStringList missing;
    int row = 0;
    for (const MethodInfo &method : compressionMethods()) {
        QListWidgetItem *item = m_methods->item(row++);
        const QString why = method.hasScores ? noScores : QString();
        if (!why.isEmpty())
            missing.append(item->text());
        item->setFlags(why.isEmpty() ? choosable : Qt::NoItemFlags);
        item->setCheckState(why.isEmpty() && m_wanted.contains(item->data(idRole).toString()) ? Qt::Checked
                                                                                              : Qt::Unchecked);
        item->setData(Qt::DecorationRole, style.seriesColor(textOf(method.id)));
        item->setToolTip(why.isEmpty() ? textOf(method.summary) : why);
    }
    m_reason->setText(missing.isEmpty() ? QString() : tr("%1: %2.").arg(missing.join(tr(", ")), noScores));
    m_reason->setVisible(!missing.isEmpty());
    setRunnable(m_beta, uses("headkv") ? QString() : tr("Choose HeadKV to use it"),
                tr("How much of each head's budget is kept equal: near 1 the scores decide almost all, far above 1 all "
                   "heads keep the same, as with SnapKV"));
}

bool VariantPanel::uses(std::string_view method) const
{
    const bool possible = !compressionMethod(method).hasScores || scoresProblem().isEmpty();
    return possible && m_wanted.contains(textOf(method));
}

void VariantPanel::fill(EvaluationRequest &request) const
{
    request.methods.clear();
    request.scoreSets.clear();
    bool needsScores = false;
    for (const MethodInfo &method : compressionMethods()) {
        if (!uses(method.id))
            continue;
        CompressionSettings settings;
        settings.method = method.id;
        settings.granularity = static_cast<Granularity>(m_granularity->currentData().toInt());
        if (m_window->value() > 0)
            settings.window = m_window->value();
        if (method.id == "headkv")
            settings.beta = m_beta->value();
        request.methods.push_back(std::move(settings));
        needsScores = needsScores || method.hasScores;
    }
    request.budgets = parseBudgets(m_budgets->text()).values;
    request.moment = static_cast<CompressionMoment>(m_moment->currentData().toInt());
    if (!needsScores)
        return;
    const std::vector<const ScoreSet *> sets = chosenSets();
    const std::vector<QString> names = shortNames(sets);
    for (std::size_t i = 0; i < sets.size(); ++i)
        request.scoreSets.push_back({names[i].toStdString(), sets[i]->origin.toStdString(), sets[i]->summary->shares});
}

std::size_t VariantPanel::count() const
{
    EvaluationRequest request;
    fill(request);
    std::size_t count = 0;
    for (const CompressionSettings &settings : request.methods) {
        const MethodInfo &method = compressionMethod(settings.method);
        count += (method.hasBudget ? request.budgets.size() : 1) * (method.hasScores ? request.scoreSets.size() : 1);
    }
    return count;
}

QString VariantPanel::problem() const
{
    const TypedList<int> budgets = parseBudgets(m_budgets->text());
    EvaluationRequest request;
    fill(request);
    if (request.methods.empty())
        return tr("Methods: choose one or more");
    const bool needsBudgets = std::ranges::any_of(request.methods, [](const CompressionSettings &settings) {
        return compressionMethod(settings.method).hasBudget;
    });
    if (needsBudgets && !budgets.problem.isEmpty())
        return budgets.problem;
    if (!m_model)
        return {};
    for (CompressionSettings settings : request.methods) {
        if (!request.scoreSets.empty())
            settings.importance = request.scoreSets.front().values;
        try {
            for (const int budget : needsBudgets ? budgets.values : std::vector{settings.budget}) {
                settings.budget = budget;
                (void)makeCompressionMethod({m_model->layers, m_model->queryHeads, m_model->kvHeads}, settings);
            }
        } catch (const Error &error) {
            return QStringLiteral("%1: %2").arg(textOf(compressionMethod(settings.method).name),
                                                QString::fromUtf8(error.what()));
        }
    }
    return {};
}

void VariantPanel::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        showMethods();
}

std::vector<QString> shortNames(const std::vector<const ScoreSet *> &sets)
{
    std::vector<QString> names;
    names.reserve(sets.size());
    for (const ScoreSet *set : sets)
        names.push_back(set->name.section(QStringLiteral(" ("), 0, 0));
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto earlier = names.begin() + static_cast<std::ptrdiff_t>(i);
        const QString plain = sets[i]->name;
        for (int twin = 1; std::find(names.begin(), earlier, names[i]) != earlier; ++twin)
            names[i] = twin == 1 ? plain : QStringLiteral("%1 %2").arg(plain).arg(twin);
    }
    return names;
}

} // namespace headkv
