// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/model/ModelPage.h"

#include "app/explorer/common/ActionRegistry.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/model/TokenizerTester.h"
#include "core/compression/CompressionMethod.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/charts/HeadSketch.h"
#include "widgets/charts/MemoryChart.h"
#include "widgets/controls/ElidedLabel.h"
#include "widgets/controls/EmptyState.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Theme.h"

#include <QAction>
#include <QFontDatabase>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace headkv {

namespace {
QString capitalized(const QString &text) { return text.left(1).toUpper() + text.mid(1); }
/// Tokens a head in the chart of memory.
constexpr int shownBudget = 1024;

/// Bytes that a cache under the method holds after prompts up to the model's context.
MemoryCurve memoryCurve(const ModelInfo &info, const CompressionSettings &settings, const QString &name)
{
    const auto method = makeCompressionMethod({info.layers, info.queryHeads, info.kvHeads}, settings);
    const auto bytesPerEntry = static_cast<double>(info.kvBytesPerEntry());
    MemoryCurve curve;
    curve.name = name;
    constexpr int steps = 64;
    for (int step = 0; step <= steps; ++step) {
        const std::int64_t tokens = std::int64_t{info.contextLength} * step / steps;
        curve.tokens.push_back(static_cast<double>(tokens));
        curve.bytes.push_back(static_cast<double>(method->allocate(tokens).totalEntries(tokens)) * bytesPerEntry);
    }
    return curve;
}

} // namespace

ModelPage::ModelPage(Session &session, const ActionRegistry &actions, QWidget *parent)
    : Page(parent)
    , m_session(session)
    , m_stack(new QStackedWidget)
    , m_empty(new EmptyState(QStringLiteral("model"), tr("No model is loaded"),
                             tr("Load one to see its layers, heads and key-value groups, what its cache costs, and how "
                                "it cuts text into tokens."),
                             tr("Load the default model")))
    , m_sketch(named(new HeadSketch, tr("Sketch of the model's attention heads")))
    , m_memory(named(new MemoryChart, tr("Cache memory against context length")))
    , m_tester(new TokenizerTester(session))
    , m_chatPrefix(named(new QLineEdit, tr("Text before a user's words")))
    , m_chatSuffix(named(new QLineEdit, tr("Text after a user's words")))
{
    m_empty->setSecondAction(tr("Open a model…"));
    m_stack->addWidget(m_empty);
    m_stack->addWidget(buildContent());
    setContent(m_stack);
    connect(m_empty, &EmptyState::actionTriggered, actions.action(QStringLiteral("file.loadDefault")),
            &QAction::trigger);
    connect(m_empty, &EmptyState::secondActionTriggered, actions.action(QStringLiteral("file.open")),
            &QAction::trigger);
    connect(&session, &Session::modelChanged, this, &ModelPage::showModel);
    connect(&session, &Session::activityChanged, this, &ModelPage::showActivity);
    showModel();
    showActivity();
}

Chart *ModelPage::exportChart() const { return m_memory->isEmpty() ? nullptr : m_memory; }

ExportItems ModelPage::exportItems()
{
    ExportItems items;
    items.add(m_sketch);
    items.add(m_memory);
    return items;
}

QWidget *ModelPage::buildContent()
{
    auto *figures = new QWidget;
    auto *form = new QFormLayout(figures);
    form->setContentsMargins(0, 0, Theme::spacing, 0);
    form->setHorizontalSpacing(2 * Theme::spacing);
    form->setVerticalSpacing(Theme::spacing);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    addRow(form, QStringLiteral("name"), tr("Model"));
    addRow(form, QStringLiteral("file"), tr("File"));
    addRow(form, QStringLiteral("architecture"), tr("Architecture"));
    addRow(form, QStringLiteral("parameters"), tr("Parameters"), tr("Numbers that training set"));
    addRow(form, QStringLiteral("layers"), tr("Layers"));
    addRow(form, QStringLiteral("heads"), tr("Query heads a layer"),
           tr("Each head looks over the context in its own way"));
    addRow(form, QStringLiteral("kvHeads"), tr("KV heads a layer"),
           tr("Query heads of a group share the keys and values of one KV head"));
    addRow(form, QStringLiteral("headDim"), tr("Head dimension"));
    addRow(form, QStringLiteral("context"), tr("Context"), tr("Tokens the model was trained to read at once"));
    addRow(form, QStringLiteral("vocabulary"), tr("Vocabulary"));
    addRow(form, QStringLiteral("dtype"), tr("Computed in"));
    addRow(form, QStringLiteral("weights"), tr("Weights"),
           tr("What the weights take in memory, how they are held, and what they take on disk"));
    addRow(form, QStringLiteral("kv"), tr("KV cache"), tr("Memory for keys and values of each token of the context"));
    addRow(form, QStringLiteral("chat"), tr("Chat format"),
           tr("What the model was trained to see around a user's words; recognised from its chat template"));
    const auto addText = [&](QLineEdit *edit, const QString &label, const QString &tip) {
        edit->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
        QLabel *caption = labelFor(edit, label, tip);
        caption->setForegroundRole(QPalette::PlaceholderText);
        form->addRow(caption, edit);
        connect(edit, &QLineEdit::editingFinished, this, &ModelPage::changeChatFormat);
    };
    addText(m_chatPrefix, tr("Before words"),
            tr("Text that a prompt begins with, \\n for a new line; probes use it as it stands here"));
    addText(m_chatSuffix, tr("After words"), tr("Text after the user's words, up to where the answer begins"));
    addRow(form, QStringLiteral("sha256"), tr("SHA-256"), tr("Fingerprint of the file"));
    m_sketch->setTitle(tr("Attention heads by layer and KV group"));
    m_memory->setTitle(tr("KV cache memory"));

    auto *top = new QSplitter(Qt::Horizontal);
    auto *charts = new QSplitter(Qt::Vertical);
    charts->addWidget(m_sketch);
    charts->addWidget(m_memory);
    charts->setSizes({300, 300});
    top->addWidget(figures);
    top->addWidget(charts);
    top->setStretchFactor(1, 1);
    top->setSizes({370, 700});
    auto *content = new QSplitter(Qt::Vertical);
    content->addWidget(top);
    content->addWidget(m_tester);
    content->setStretchFactor(0, 1);
    content->setSizes({560, 150});
    for (QSplitter *splitter : {top, charts, content})
        splitter->setChildrenCollapsible(false);
    return content;
}

void ModelPage::addRow(QFormLayout *form, const QString &id, const QString &label, const QString &tip)
{
    auto *value = new ElidedLabel;
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    QLabel *caption = labelFor(value, label, tip);
    caption->setForegroundRole(QPalette::PlaceholderText);
    form->addRow(caption, value);
    m_values.insert(id, value);
}

void ModelPage::showModel()
{
    const auto info = m_session.modelInfo();
    m_stack->setCurrentIndex(info ? 1 : 0);
    if (!info)
        return;
    showFigures(*info);
    m_sketch->setModel(info->layers, info->queryHeads, info->kvHeads);
    showMemory(*info);
    m_tester->refresh();
}

void ModelPage::showFigures(const ModelInfo &info)
{
    const auto set = [this](const char *id, const QString &text) { m_values.value(QLatin1String(id))->setText(text); };
    const auto text = [](const std::string &value) {
        return value.empty() ? QStringLiteral("–") : QString::fromStdString(value);
    };
    set("name", text(info.name));
    set("file", text(info.path));
    set("architecture", text(info.architecture));
    set("parameters", info.parameters > 0 ? formatCount(info.parameters) : tr("none (vocabulary only)"));
    set("layers", formatCount(info.layers));
    set("heads", formatCount(info.queryHeads));
    set("kvHeads", formatCount(info.kvHeads));
    set("headDim", formatCount(info.headDim));
    set("context", tr("%1 tokens").arg(formatCount(info.contextLength)));
    set("vocabulary", tr("%1 tokens").arg(formatCount(info.vocabularySize)));
    set("dtype", info.device == "cpu" ? text(info.dtype) : tr("%1, on %2").arg(text(info.dtype), text(info.device)));
    set("weights", tr("%1, %2 (%3 on disk)")
                       .arg(formatBytes(static_cast<double>(info.weightBytes)),
                            info.weights == "int4" ? tr("linear layers in 4 bits") : tr("dense"),
                            formatBytes(static_cast<double>(info.fileBytes))));
    set("kv", tr("%1 a token, %2")
                  .arg(formatBytes(static_cast<double>(info.kvBytesPerToken)), text(toString(info.cacheType))));
    showChatFormat(info);
    set("sha256", text(info.sha256));
}

void ModelPage::showChatFormat(const ModelInfo &info)
{
    const ChatFormat format = m_session.chatFormat();
    m_values.value(QStringLiteral("chat"))->setText(QString::fromStdString(format.name));
    m_chatPrefix->setText(QString::fromStdString(escape(format.prefix)));
    m_chatSuffix->setText(QString::fromStdString(escape(format.suffix)));
    for (QLineEdit *edit : {m_chatPrefix, m_chatSuffix})
        edit->setCursorPosition(0);
    if (!info.chatFormat.problem.empty())
        messages()->showMessage(
            MessageBar::Kind::Warning,
            tr("%1. Words go to the model as they are: fill in what it expects before and after them.")
                .arg(capitalized(QString::fromStdString(info.chatFormat.problem))));
}

void ModelPage::changeChatFormat()
{
    const ChatFormat typed =
        ChatFormat::plain(unescape(m_chatPrefix->text().toStdString()), unescape(m_chatSuffix->text().toStdString()));
    const ChatFormat before = m_session.chatFormat();
    if (typed.prefix == before.prefix && typed.suffix == before.suffix)
        return;
    m_session.setChatFormat(typed);
    m_values.value(QStringLiteral("chat"))->setText(tr("your own"));
}

void ModelPage::showMemory(const ModelInfo &info)
{
    CompressionSettings settings;
    settings.budget = shownBudget;
    std::vector<MemoryCurve> curves{memoryCurve(info, settings, tr("FullKV"))};
    curves.back().method = QStringLiteral("full");
    settings.method = "snapkv"; // every method of this budget holds as much, but for rounding
    const QString budget = QLocale().toString(shownBudget);
    settings.granularity = Granularity::KvHead;
    curves.push_back(memoryCurve(info, settings, tr("Budget %1, by KV head").arg(budget)));
    settings.granularity = Granularity::QueryHead;
    if (info.kvHeads < info.queryHeads)
        curves.push_back(memoryCurve(info, settings, tr("Budget %1, by query head").arg(budget)));
    m_memory->setCurves(curves);
}

void ModelPage::showActivity()
{
    const bool loading = m_session.activity() == Session::Activity::Loading;
    m_empty->setTitle(loading ? tr("Loading the model…") : tr("No model is loaded"));
    m_empty->actionButton()->setEnabled(!loading);
    m_empty->secondActionButton()->setEnabled(!loading);
}

} // namespace headkv
