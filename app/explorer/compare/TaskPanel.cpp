// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/compare/TaskPanel.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/HaystackBox.h"
#include "app/explorer/common/TypedLists.h"
#include "core/evaluation/DocumentFile.h"
#include "core/evaluation/EvaluationPlanner.h"
#include "core/probe/NeedleFile.h"
#include "sessions/SessionDocument.h"
#include "widgets/Formats.h"
#include "widgets/theme/Theme.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <map>
#include <utility>

namespace headkv {

namespace {

constexpr int pathRole = Qt::UserRole;
const QString folderKey = QStringLiteral("openFolder");

/// How many questions each of the program's datasets has.
const std::map<std::string, std::size_t> &builtInCounts()
{
    static const auto counts = [] {
        std::map<std::string, std::size_t> found;
        for (const DocumentQuestion &question : builtInDocuments().questions)
            ++found[question.dataset];
        return found;
    }();
    return counts;
}

/// With words for `nothing`: a spin box whose least value says something else.
QSpinBox *numberBox(int least, int most, const QString &nothing = {})
{
    auto *box = new QSpinBox;
    box->setRange(least, most);
    box->setSpecialValueText(nothing);
    box->setGroupSeparatorShown(true);
    return box;
}

QFormLayout *formLayout()
{
    auto *form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setSpacing(Theme::spacing);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    return form;
}

} // namespace

TaskPanel::TaskPanel(QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_settings(settings)
    , m_niah(named(new QCheckBox(tr("Needles in a haystack (N&IAH)")), tr("Needles in a haystack (NIAH)"),
                   tr("A fact is hidden in a long text, and the model is asked for it")))
    , m_reasoning(named(new QCheckBox(tr("Re&asoning in a haystack")), tr("Reasoning in a haystack"),
                        tr("What is hidden answers the question only after a reasoning step")))
    , m_documents(named(new QCheckBox(tr("&Documents, the program's own")), tr("Documents, the program's own"),
                        tr("Questions about texts made by rules: facts, two steps, counting, ordering")))
    , m_files(named(new QListWidget, tr("Document files"),
                    tr("JSONL files in LongBench's layout: an object with context, input and answers a line")))
    , m_add(iconButton(QStringLiteral("plus"), tr("Add &files…"), tr("Ask the questions of JSONL files too")))
    , m_remove(iconButton(QStringLiteral("minus"), tr("Remo&ve"), {}))
    , m_needleBox(new QWidget)
    , m_documentBox(new QWidget)
    , m_lengths(new QLineEdit)
    , m_depths(new QLineEdit)
    , m_needles(numberBox(0, static_cast<int>(builtInNeedles(ProbeKind::Reasoning).size()), tr("all")))
    , m_haystack(new HaystackBox)
    , m_newTokens(numberBox(1, 1024))
    , m_maxCases(numberBox(0, 1 << 20, tr("all")))
    , m_skip(named(new QCheckBox(tr("Leave out lines that cannot be read")), tr("Leave out lines that cannot be read")))
    , m_formats(new QPushButton)
    , m_ownFormats(iconButton(QStringLiteral("reset"), {}, tr("Go back to the program's own prompt formats")))
{
    build();
    connectAll();
    restore({});
}

void TaskPanel::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(heading(tr("Tasks")));
    for (QCheckBox *task : {m_niah, m_reasoning, m_documents})
        layout->addWidget(task);
    layout->addWidget(buildFiles());
    for (const auto &[title, box] :
         {std::pair(tr("Needles"), m_needleBox), std::pair(tr("Documents"), m_documentBox)}) {
        layout->addWidget(heading(title));
        layout->addWidget(box);
    }
    auto *needles = formLayout();
    buildNeedles(needles);
    m_needleBox->setLayout(needles);
    auto *documents = formLayout();
    buildDocuments(documents);
    m_documentBox->setLayout(documents);
}

QWidget *TaskPanel::buildFiles()
{
    constexpr int rows = 3;
    m_files->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_files->setTextElideMode(Qt::ElideMiddle);
    m_files->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_files->setFixedHeight(rows * (m_files->fontMetrics().height() + 6) + 2 * m_files->frameWidth());
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(Theme::spacing);
    buttons->addWidget(m_add, 1);
    buttons->addWidget(m_remove, 1);
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing / 2);
    layout->addWidget(m_files);
    layout->addLayout(buttons);
    return box;
}

void TaskPanel::buildNeedles(QFormLayout *form)
{
    addGridRows(form, m_lengths, m_depths);
    form->addRow(labelFor(m_needles, tr("&Needles"),
                          tr("How many of the program's own needles are hidden, each at every length and depth: the "
                             "first of %1 facts and of %2 reasoning steps")
                              .arg(builtInNeedles(ProbeKind::Retrieval).size())
                              .arg(builtInNeedles(ProbeKind::Reasoning).size())),
                 m_needles);
    form->addRow(labelFor(m_haystack, tr("&Haystack"), HaystackBox::explanation()), m_haystack);
    m_newTokens->setSuffix(tr(" tokens"));
    form->addRow(labelFor(m_newTokens, tr("Ans&wer up to"),
                          tr("The answer about a needle ends after as many new tokens at the latest; documents have "
                             "lengths of their own, by dataset")),
                 m_newTokens);
}

void TaskPanel::buildDocuments(QFormLayout *form)
{
    form->addRow(labelFor(m_maxCases, tr("Q&uestions"), tr("Of each dataset, its first so many")), m_maxCases);
    auto *line = new QHBoxLayout;
    line->setSpacing(Theme::spacing / 2);
    line->addWidget(m_formats, 1);
    line->addWidget(m_ownFormats);
    m_ownFormats->setAccessibleName(tr("The program's own prompt formats"));
    form->addRow(labelFor(m_formats, tr("Pr&ompts"),
                          tr("How documents are asked about and scored, by dataset: a JSON file takes the place of the "
                             "program's own where it says something else")),
                 line);
    form->addRow(m_skip);
}

void TaskPanel::connectAll()
{
    for (QCheckBox *box : {m_niah, m_reasoning, m_documents, m_skip})
        connect(box, &QCheckBox::toggled, this, &TaskPanel::changed);
    for (QLineEdit *edit : {m_lengths, m_depths})
        connect(edit, &QLineEdit::textChanged, this, &TaskPanel::changed);
    for (QSpinBox *box : {m_needles, m_newTokens, m_maxCases})
        connect(box, &QSpinBox::valueChanged, this, &TaskPanel::changed);
    connect(m_haystack, &HaystackBox::changed, this, &TaskPanel::changed);
    connect(m_haystack, &HaystackBox::failed, this, &TaskPanel::failed);
    connect(m_add, &QPushButton::clicked, this, &TaskPanel::chooseFiles);
    connect(m_remove, &QPushButton::clicked, this, &TaskPanel::removeChosen);
    connect(m_files, &QListWidget::itemSelectionChanged, this, &TaskPanel::showRunnable);
    connect(m_formats, &QPushButton::clicked, this, &TaskPanel::chooseFormats);
    connect(m_ownFormats, &QPushButton::clicked, this, [this] {
        m_formatsFile.clear();
        showFormats();
        Q_EMIT changed();
    });
    connect(this, &TaskPanel::changed, this, &TaskPanel::showRunnable);
}

void TaskPanel::chooseFiles()
{
    const QStringList paths =
        QFileDialog::getOpenFileNames(this, tr("Choose documents"), m_settings.value(folderKey).toString(),
                                      tr("Documents in LongBench's layout (*.jsonl);;All files (*)"));
    if (paths.isEmpty())
        return;
    m_settings.setValue(folderKey, QFileInfo(paths.first()).absolutePath());
    addFiles(paths);
}

void TaskPanel::addFiles(const QStringList &paths)
{
    QStringList all = this->paths();
    for (const QString &path : paths)
        all.append(QFileInfo(path).absoluteFilePath());
    all.removeDuplicates();
    for (const QString &path : all.mid(m_files->count())) {
        auto *item = new QListWidgetItem(QFileInfo(path).fileName(), m_files);
        item->setData(pathRole, path);
        item->setToolTip(path);
    }
    Q_EMIT changed();
}

QStringList TaskPanel::paths() const
{
    QStringList paths;
    for (int i = 0; i < m_files->count(); ++i)
        paths.append(m_files->item(i)->data(pathRole).toString());
    return paths;
}

void TaskPanel::removeChosen()
{
    qDeleteAll(m_files->selectedItems());
    Q_EMIT changed();
}

void TaskPanel::chooseFormats()
{
    const QString path = QFileDialog::getOpenFileName(
        this, tr("Choose prompt formats"), m_settings.value(folderKey).toString(), tr("Prompt formats (*.json)"));
    if (path.isEmpty())
        return;
    m_settings.setValue(folderKey, QFileInfo(path).absolutePath());
    m_formatsFile = path;
    showFormats();
    Q_EMIT changed();
}

void TaskPanel::showFormats()
{
    m_formats->setText(m_formatsFile.isEmpty() ? tr("the program's own…")
                                               : tr("%1…").arg(QFileInfo(m_formatsFile).fileName()));
    m_ownFormats->setEnabled(!m_formatsFile.isEmpty());
}

bool TaskPanel::asksNeedles() const { return m_niah->isChecked() || m_reasoning->isChecked(); }

bool TaskPanel::asksDocuments() const { return m_documents->isChecked() || fileCount() > 0; }

int TaskPanel::fileCount() const { return m_files->count(); }

void TaskPanel::showRunnable()
{
    setRunnable(m_needleBox,
                asksNeedles() ? QString() : tr("No needles are asked about; choose them or reasoning above"), {});
    setRunnable(m_documentBox,
                asksDocuments() ? QString() : tr("No documents are asked about; choose them or add a file above"), {});
    setRunnable(m_skip, fileCount() > 0 ? QString() : tr("There is no file; the program's own lines can all be read"),
                tr("Without it a malformed line of a file ends the start of the run, and is named"));
    setRunnable(m_remove, m_files->selectedItems().isEmpty() ? tr("Choose a file in the list first") : QString(),
                tr("Take the chosen files off the list; no file is deleted"));
}

std::vector<Needle> TaskPanel::needlesOf(ProbeKind kind) const
{
    std::vector<Needle> needles = builtInNeedles(kind);
    const auto wanted = static_cast<std::size_t>(m_needles->value());
    if (wanted > 0 && wanted < needles.size())
        needles.resize(wanted);
    return needles;
}

void TaskPanel::fill(EvaluationRequest &request) const
{
    request.tasks.clear();
    if (m_niah->isChecked())
        request.tasks.emplace_back(needleTask);
    if (m_reasoning->isChecked())
        request.tasks.emplace_back(reasoningTask);
    if (m_documents->isChecked())
        request.tasks.emplace_back(documentTask);
    for (const QString &path : paths())
        request.tasks.push_back(path.toStdString());
    ProbeSettings &needles = request.needles;
    needles.kind = ProbeKind::Retrieval;
    needles.filter = defaultFilter(needles.kind);
    needles.lengths = parseLengths(m_lengths->text()).values;
    needles.depths = parseDepths(m_depths->text()).values;
    needles.needles = needlesOf(ProbeKind::Retrieval);
    needles.maxNewTokens = m_newTokens->value();
    request.reasoningNeedles = needlesOf(ProbeKind::Reasoning);
    request.documents.formats = m_formatsFile.toStdString();
    request.documents.maxCases = m_maxCases->value();
    request.documents.skipMalformed = m_skip->isChecked();
}

void TaskPanel::fillHaystack(EvaluationRequest &request) const
{
    if (!asksNeedles())
        return;
    Haystack haystack = m_haystack->haystack();
    request.needles.haystack = std::move(haystack.text);
    request.needles.haystackName = std::move(haystack.name);
}

SessionTasks TaskPanel::state() const
{
    const auto unlessAll = [](int value) { return value > 0 ? std::optional(value) : std::nullopt; };
    SessionTasks state;
    state.niah = m_niah->isChecked();
    state.reasoning = m_reasoning->isChecked();
    state.documents = m_documents->isChecked();
    state.files = paths();
    state.lengths = m_lengths->text();
    state.depths = m_depths->text();
    state.needles = unlessAll(m_needles->value());
    state.haystack = m_haystack->choice();
    state.newTokens = m_newTokens->value();
    state.questions = unlessAll(m_maxCases->value());
    state.formats = m_formatsFile;
    state.skipMalformed = m_skip->isChecked();
    return state;
}

void TaskPanel::restore(const SessionTasks &state)
{
    {
        const QSignalBlocker quiet(this);
        m_niah->setChecked(state.niah);
        m_reasoning->setChecked(state.reasoning);
        m_documents->setChecked(state.documents);
        m_files->clear();
        addFiles(state.files);
        m_lengths->setText(state.lengths);
        m_depths->setText(state.depths);
        m_needles->setValue(state.needles.value_or(0));
        m_haystack->setChoice(state.haystack);
        m_newTokens->setValue(state.newTokens);
        m_maxCases->setValue(state.questions.value_or(0));
        m_formatsFile = state.formats;
        m_skip->setChecked(state.skipMalformed);
        showFormats();
    }
    Q_EMIT changed();
}

std::size_t TaskPanel::cases() const
{
    EvaluationRequest request;
    fill(request);
    std::size_t cases = 0;
    const std::size_t grid = request.needles.lengths.size() * request.needles.depths.size();
    if (m_niah->isChecked())
        cases += grid * request.needles.needles.size();
    if (m_reasoning->isChecked())
        cases += grid * request.reasoningNeedles.size();
    const auto most = static_cast<std::size_t>(m_maxCases->value());
    if (!m_documents->isChecked())
        return cases;
    for (const auto &[dataset, count] : builtInCounts())
        cases += most > 0 ? std::min(most, count) : count;
    return cases;
}

QString TaskPanel::problem(int contextLength) const
{
    if (!asksNeedles() && !asksDocuments())
        return tr("Tasks: choose one or more");
    for (const QString &path : paths()) {
        if (!QFileInfo::exists(path))
            return tr("%1 is not there any more; take it off the list").arg(path);
    }
    if (!asksNeedles())
        return {};
    const TypedList<int> lengths = parseLengths(m_lengths->text());
    if (!lengths.problem.isEmpty())
        return lengths.problem;
    const int longest = *std::ranges::max_element(lengths.values);
    if (contextLength > 0 && longest > contextLength)
        return tr("Lengths: %1 is over the model's context of %2 tokens; choose a shorter one")
            .arg(formatCount(longest), formatCount(contextLength));
    if (const TypedList<double> depths = parseDepths(m_depths->text()); !depths.problem.isEmpty())
        return depths.problem;
    return m_haystack->problem();
}

} // namespace headkv
