// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/GeneratePanel.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/generate/LaneEditor.h"
#include "app/explorer/generate/PromptEdit.h"
#include "sessions/ScoreLibrary.h"
#include "widgets/Formats.h"
#include "widgets/theme/Theme.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QFileDialog>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

namespace headkv {

namespace {

constexpr qint64 mostFileBytes = 64 << 20;
constexpr int mostNewTokens = 1 << 20;

} // namespace

GeneratePanel::GeneratePanel(const ScoreLibrary &library, QWidget *parent)
    : QWidget(parent)
    , m_library(library)
    , m_lanes(defaultLanes(library.sets()))
    , m_prompt(named(new PromptEdit, tr("Prompt"), {}))
    , m_load(iconButton(QStringLiteral("folder"), tr("&Load…"), tr("Read the prompt from a text file")))
    , m_hide(iconButton(QStringLiteral("mask"), tr("Hide a &needle…"), {}))
    , m_clear(iconButton(QStringLiteral("trash"), {}, tr("Empty the prompt")))
    , m_count(named(new QLabel, tr("Length of the prompt")))
    , m_system(new QLineEdit)
    , m_raw(named(new QCheckBox(tr("&Raw text")), tr("Raw text"),
                  tr("Give the prompt as it is, without the model's chat format around it")))
    , m_newTokens(new QSpinBox)
    , m_temperature(new QDoubleSpinBox)
    , m_topP(new QDoubleSpinBox)
    , m_seed(new QSpinBox)
    , m_ignoreEnd(named(new QCheckBox(tr("&Write on past the end of the text")),
                        tr("Write on past the end of the text"),
                        tr("Go on to the limit where the model would end its text: for measurements")))
    , m_laneRows(new QVBoxLayout)
    , m_add(iconButton(QStringLiteral("plus"), tr("&Add a lane"), {}))
{
    build();
    connectAll();
    showLanes();
    setTokenCount(std::nullopt, 0);
}

void GeneratePanel::build()
{
    m_laneRows->setSpacing(Theme::spacing + Theme::spacing / 2);
    m_laneRows->setContentsMargins(0, 0, 0, 0);
    auto *laneTop = new QHBoxLayout;
    laneTop->addWidget(heading(tr("Lanes")));
    laneTop->addStretch();
    laneTop->addWidget(m_add);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(buildPrompt(), 1);
    layout->addLayout(laneTop);
    layout->addLayout(m_laneRows);
    layout->addWidget(heading(tr("Writing")));
    layout->addWidget(buildSampling());
}

QWidget *GeneratePanel::buildPrompt()
{
    m_prompt->setPlaceholderText(tr("What the model is asked. Type, paste, load a file, or hide a needle in a long "
                                    "text and ask for it."));
    m_prompt->setMinimumHeight(150);
    m_count->setForegroundRole(QPalette::PlaceholderText);
    m_system->setPlaceholderText(tr("The model's own"));
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(Theme::spacing / 2);
    buttons->addWidget(m_load);
    buttons->addWidget(m_hide, 1);
    buttons->addWidget(m_clear);
    m_clear->setAccessibleName(tr("Empty the prompt"));
    auto *system = new QHBoxLayout;
    system->setSpacing(Theme::spacing);
    system->addWidget(
        labelFor(m_system, tr("S&ystem prompt"),
                 tr("Instructions before the prompt, where the model's chat format has a place for them")));
    system->addWidget(m_system, 1);
    auto *top = new QHBoxLayout;
    top->addWidget(heading(tr("Prompt")));
    top->addStretch();
    top->addWidget(m_count);
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addLayout(top);
    layout->addWidget(m_prompt, 1);
    layout->addLayout(buttons);
    layout->addLayout(system);
    layout->addWidget(m_raw);
    return box;
}

QWidget *GeneratePanel::buildSampling()
{
    m_newTokens->setRange(1, mostNewTokens);
    m_newTokens->setValue(GenerationSettings().maxNewTokens);
    m_newTokens->setGroupSeparatorShown(true);
    m_temperature->setRange(0, 10);
    m_temperature->setSingleStep(0.1);
    m_topP->setRange(0.01, 1);
    m_topP->setSingleStep(0.05);
    m_topP->setValue(1);
    m_seed->setRange(0, std::numeric_limits<int>::max());
    // Less than their largest values need.
    for (QWidget *number : std::initializer_list<QWidget *>{m_newTokens, m_temperature, m_topP, m_seed})
        number->setMinimumWidth(66);
    auto *box = new QWidget;
    auto *grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(Theme::spacing);
    grid->addWidget(labelFor(m_newTokens, tr("New &tokens"), tr("The most that a lane writes in a turn")), 0, 0);
    grid->addWidget(m_newTokens, 0, 1);
    QLabel *temperature = labelFor(m_temperature, tr("T&emperature"),
                                   tr("0 takes the likeliest token; above, tokens are drawn, the higher the freer"));
    temperature->setMinimumWidth(temperature->sizeHint().width() + 4); // the underlined letter takes some
    grid->addWidget(temperature, 1, 0);
    grid->addWidget(m_temperature, 1, 1);
    grid->addWidget(labelFor(m_topP, tr("To&p-p"),
                             tr("Draw only among the likeliest tokens that together have this "
                                "probability")),
                    0, 2);
    grid->addWidget(m_topP, 0, 3);
    grid->addWidget(labelFor(m_seed, tr("See&d"), tr("The same seed draws the same tokens")), 1, 2);
    grid->addWidget(m_seed, 1, 3);
    grid->addWidget(m_ignoreEnd, 2, 0, 1, 4);
    grid->setColumnStretch(1, 1);
    grid->setColumnStretch(3, 1);
    return box;
}

void GeneratePanel::connectAll()
{
    connect(m_prompt, &QPlainTextEdit::textChanged, this, [this] {
        m_tokens.reset();
        Q_EMIT promptChanged();
        Q_EMIT changed();
    });
    connect(m_load, &QPushButton::clicked, this, &GeneratePanel::chooseFile);
    connect(m_hide, &QPushButton::clicked, this, &GeneratePanel::needleWanted);
    connect(m_clear, &QPushButton::clicked, this, [this] { m_prompt->setText({}); });
    connect(m_raw, &QCheckBox::toggled, this, [this](bool raw) {
        setRunnable(m_system, raw ? tr("Raw text has no system prompt") : QString(),
                    tr("Instructions before the prompt, where the model's chat format has a place for them"));
        Q_EMIT changed();
    });
    connect(m_temperature, &QDoubleSpinBox::valueChanged, this, [this](double temperature) {
        const QString why = temperature > 0 ? QString() : tr("With temperature 0 nothing is drawn");
        setRunnable(m_topP, why, tr("Draw only among the likeliest tokens that together have this probability"));
        setRunnable(m_seed, why, tr("The same seed draws the same tokens"));
    });
    Q_EMIT m_temperature->valueChanged(m_temperature->value());
    connect(m_system, &QLineEdit::textChanged, this, &GeneratePanel::changed);
    for (QSpinBox *number : {m_newTokens, m_seed})
        connect(number, &QSpinBox::valueChanged, this, &GeneratePanel::changed);
    for (QDoubleSpinBox *number : {m_temperature, m_topP})
        connect(number, &QDoubleSpinBox::valueChanged, this, &GeneratePanel::changed);
    connect(m_ignoreEnd, &QCheckBox::toggled, this, &GeneratePanel::changed);
    connect(m_add, &QPushButton::clicked, this, [this] {
        m_lanesTouched = true;
        m_lanes.push_back(nextLane(m_lanes, m_library.sets()));
        showLanes();
        Q_EMIT changed();
    });
}

GenerationSettings GeneratePanel::settings() const
{
    GenerationSettings settings;
    settings.maxNewTokens = m_newTokens->value();
    settings.sampling.temperature = m_temperature->value();
    settings.sampling.topP = m_topP->value();
    settings.sampling.seed = static_cast<std::uint64_t>(m_seed->value());
    settings.ignoreEndOfSequence = m_ignoreEnd->isChecked();
    return settings;
}

GenerationRequest GeneratePanel::request() const
{
    GenerationRequest request;
    request.words = m_prompt->text();
    request.question = m_question; // while the prompt still ends with it
    request.raw = m_raw->isChecked();
    if (!request.raw)
        request.system = m_system->text();
    request.settings = settings();
    for (const LaneChoice &lane : m_lanes)
        request.lanes.push_back(laneSettings(lane, m_library.sets()));
    return request;
}

void GeneratePanel::setLanes(const std::vector<LaneChoice> &lanes)
{
    m_lanesTouched = true;
    m_lanes = lanes;
    showLanes();
    Q_EMIT changed();
}

SessionGenerateForm GeneratePanel::state() const
{
    SessionGenerateForm state{m_raw->isChecked(), m_newTokens->value(), m_temperature->value(),
                              m_topP->value(),    m_seed->value(),      m_ignoreEnd->isChecked(),
                              std::nullopt};
    if (m_lanesTouched) {
        state.lanes.emplace();
        for (const LaneChoice &lane : m_lanes)
            state.lanes->push_back(keptLane(lane, m_library.sets()));
    }
    return state;
}

void GeneratePanel::restore(const SessionGenerateForm &state)
{
    m_raw->setChecked(state.raw);
    m_newTokens->setValue(state.newTokens);
    m_temperature->setValue(state.temperature);
    m_topP->setValue(state.topP);
    m_seed->setValue(state.seed);
    m_ignoreEnd->setChecked(state.ignoreEnd);
    std::vector<LaneChoice> lanes;
    for (const SessionLane &kept : state.lanes.value_or(std::vector<SessionLane>())) {
        if (const auto lane = laneChoice(kept, m_library.sets()))
            lanes.push_back(*lane);
    }
    m_lanesTouched = !lanes.empty();
    if (m_lanesTouched)
        m_lanes = std::move(lanes);
    takeSets();
}

QString GeneratePanel::problem(const ModelInfo &model) const
{
    if (m_prompt->isEmpty())
        return tr("Write a prompt first");
    if (m_tokens && model.contextLength > 0 && *m_tokens >= model.contextLength)
        return tr("The prompt has %1 tokens, the model's context %2; shorten it")
            .arg(formatCount(*m_tokens), formatCount(model.contextLength));
    for (const LaneChoice &lane : m_lanes) {
        if (QString why = laneProblem(lane, model, m_library.sets()); !why.isEmpty())
            return why;
    }
    return {};
}

void GeneratePanel::setTokenCount(std::optional<qsizetype> count, int contextLength)
{
    m_tokens = count;
    if (m_prompt->isEmpty())
        m_count->setText(tr("empty"));
    else if (!count)
        m_count->setText(m_prompt->isHeld() ? tr("%1 characters").arg(formatCount(m_prompt->text().size()))
                                            : QString());
    else
        m_count->setText(contextLength > 0 ? tr("%1 of %2 tokens").arg(formatCount(*count), formatCount(contextLength))
                                           : tr("%1 tokens").arg(formatCount(*count)));
    m_prompt->setToolTip(m_prompt->isHeld() ? tr("Too long to edit here: its beginning is shown, all of it is given to "
                                                 "the model")
                                            : QString());
}

void GeneratePanel::takeSets()
{
    const auto &sets = m_library.sets();
    if (!m_lanesTouched)
        m_lanes = defaultLanes(sets);
    for (LaneChoice &lane : m_lanes) {
        const bool open = std::ranges::find(sets, lane.scores, &ScoreSet::scores) != sets.end();
        if (compressionMethod(lane.method).hasScores && !open)
            lane.scores = sets.empty() ? nullptr : sets.front().scores;
    }
    showLanes();
    Q_EMIT changed();
}

void GeneratePanel::showLanes()
{
    const auto &sets = m_library.sets();
    while (m_editors.size() < m_lanes.size()) {
        auto *editor = new LaneEditor;
        const std::size_t index = m_editors.size();
        connect(editor, &LaneEditor::changed, this, [this, index] { edit(index); });
        connect(editor, &LaneEditor::removeRequested, this, [this, index] {
            m_lanesTouched = true;
            m_lanes.erase(m_lanes.begin() + static_cast<std::ptrdiff_t>(index));
            showLanes();
            Q_EMIT changed();
        });
        m_laneRows->addWidget(editor);
        m_editors.push_back(editor);
    }
    for (std::size_t i = 0; i < m_editors.size(); ++i) {
        m_editors[i]->setVisible(i < m_lanes.size());
        if (i < m_lanes.size())
            m_editors[i]->show(m_lanes[i], sets, static_cast<int>(i) + 1, m_lanes.size() > 1);
    }
    setRunnable(m_add, m_lanes.size() < mostLanes ? QString() : tr("Four lanes are the most"),
                tr("Another method on the same prompt"));
}

void GeneratePanel::edit(std::size_t lane)
{
    m_lanesTouched = true;
    m_lanes[lane] = m_editors[lane]->choice();
    Q_EMIT changed();
}

void GeneratePanel::showHidden(const HiddenNeedle &hidden)
{
    const QString lineEnd = QStringLiteral("\r\n"); // one character in the editor
    const qsizetype before = hidden.words.left(hidden.begin).count(lineEnd);
    const qsizetype inside = hidden.words.mid(hidden.begin, hidden.end - hidden.begin).count(lineEnd);
    m_prompt->setText(QString(hidden.words).replace(lineEnd, QStringLiteral("\n")));
    m_question = hidden.question;
    m_prompt->markNeedle(hidden.begin - before, hidden.end - before - inside);
}

void GeneratePanel::chooseFile()
{
    const QString path =
        QFileDialog::getOpenFileName(this, tr("Choose a text"), {}, tr("Texts (*.txt);;All files (*)"));
    if (path.isEmpty())
        return;
    if (const QString error = loadPrompt(path); !error.isEmpty())
        Q_EMIT failed(error);
}

QString GeneratePanel::loadPrompt(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return tr("%1 cannot be read: %2; choose a text file").arg(path, file.errorString());
    if (file.size() > mostFileBytes)
        return tr("%1 has %2, more than any model reads; choose a file of at most %3")
            .arg(path, formatBytes(static_cast<double>(file.size())), formatBytes(static_cast<double>(mostFileBytes)));
    const QByteArray bytes = file.readAll();
    const QString text = QString::fromUtf8(bytes);
    if (bytes.contains('\0') || text.contains(QChar::ReplacementCharacter))
        return tr("%1 is not UTF-8 text; choose a text file").arg(path);
    m_prompt->setText(text);
    return {};
}

} // namespace headkv
