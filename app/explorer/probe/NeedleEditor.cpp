// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/probe/NeedleEditor.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/probe/NeedleGeneratorDialog.h"
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/probe/NeedleFile.h"
#include "sessions/NeedleTableModel.h"
#include "widgets/controls/ElidedLabel.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Icons.h"
#include "widgets/theme/Theme.h"

#include <QAction>
#include <QClipboard>
#include <QDialog>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QGridLayout>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

namespace {

/// Shows line ends while a text is edited in its cell, and marks rows that have something to be said of them.
class NeedleDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void setEditorData(QWidget *editor, const QModelIndex &index) const override
    {
        if (auto *line = qobject_cast<QLineEdit *>(editor))
            line->setText(index.data(Qt::EditRole).toString().replace(QLatin1Char('\n'), QChar(lineEnd)));
    }

    void setModelData(QWidget *editor, QAbstractItemModel *model, const QModelIndex &index) const override
    {
        if (auto *line = qobject_cast<QLineEdit *>(editor))
            model->setData(index, line->text().replace(QChar(lineEnd), QLatin1Char('\n')), Qt::EditRole);
    }

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        if (index.column() != NeedleTableModel::NeedleText && index.column() != NeedleTableModel::Check)
            return;
        const bool problem = !index.data(NeedleTableModel::ProblemRole).toString().isEmpty();
        const bool remark = !index.data(NeedleTableModel::RemarkRole).toString().isEmpty();
        if (!problem && !remark)
            return;
        option->features |= QStyleOptionViewItem::HasDecoration;
        option->icon = themedIcon(problem ? QStringLiteral("error") : QStringLiteral("info"));
    }

private:
    static constexpr char16_t lineEnd = 0x21B5;
};

const char *const example =
    R"({"needle": "\nThe guest book lies in the blue cupboard.\n", "question": "Where does the guest book lie?", "answer": "in the blue cupboard"})";

} // namespace

NeedleEditor::NeedleEditor(NeedleTableModel *model, Room room, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_table(named(
          new QTableView, tr("Needles"),
          tr("A needle is a sentence that is hidden in a long text and asked about; the answer's words stand in it")))
    , m_note(new ElidedLabel)
{
    makeActions();
    build(room);
    for (const auto signal : {&NeedleTableModel::rowsInserted, &NeedleTableModel::rowsRemoved})
        connect(m_model, signal, this, &NeedleEditor::changed);
    connect(m_model, &NeedleTableModel::modelReset, this, &NeedleEditor::changed);
    connect(m_model, &NeedleTableModel::dataChanged, this, [this](const QModelIndex &first) {
        if (first.column() == NeedleTableModel::Tokens)
            refresh(); // counted; the needles are what they were
        else
            Q_EMIT changed();
    });
    connect(this, &NeedleEditor::changed, this, &NeedleEditor::refresh);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &NeedleEditor::refresh);
    refresh();
}

QAction *NeedleEditor::addAction(const QString &name, const QString &icon, const QString &text, const QString &tip,
                                 void (NeedleEditor::*run)())
{
    auto *action = new QAction(themedIcon(icon), text, this);
    action->setObjectName(name);
    action->setToolTip(tip);
    action->setShortcutContext(Qt::WidgetShortcut);
    connect(action, &QAction::triggered, this, run);
    m_table->addAction(action);
    return action;
}

void NeedleEditor::makeActions()
{
    const auto make = [this](const char *name, const char *icon, const QString &text, const QString &tip,
                             void (NeedleEditor::*run)(), const QKeySequence &keys = {}) {
        addAction(QLatin1String(name), QLatin1String(icon), text, tip, run)->setShortcut(keys);
    };
    make("add", "plus", tr("Add"), tr("Add a needle to edit"), &NeedleEditor::add, Qt::Key_Insert);
    make("duplicate", "copy", tr("Duplicate"), tr("Add a copy of the chosen needles"), &NeedleEditor::duplicate,
         QKeySequence(Qt::CTRL | Qt::Key_D));
    make("remove", "minus", tr("Remove"), tr("Remove the chosen needles"), &NeedleEditor::removeChosen,
         QKeySequence::Delete);
    make("copy", "copy", tr("Copy"), tr("Copy the chosen needles as JSONL"), &NeedleEditor::copy, QKeySequence::Copy);
    make("paste", "file", tr("Paste"), tr("Add the needles of the clipboard: JSONL, one a line"), &NeedleEditor::paste,
         QKeySequence::Paste);
    make("generate", "probe", tr("Generate…"), tr("Make needles from templates and a seed"), &NeedleEditor::generate);
    make("import", "import", tr("Import…"), tr("Read needles from a JSONL file, in the place of these"),
         &NeedleEditor::importFile);
    make("export", "export", tr("Export…"), tr("Write the needles to a JSONL file, also with HeadKV's keys"),
         &NeedleEditor::exportFile);
    make("reset", "reset", tr("Reset"), tr("Bring back the program's own needles"), &NeedleEditor::reset);
    make("window", "table", tr("Edit large…"), tr("Open the table in a window, with tokens and checks"),
         &NeedleEditor::openWindow);
}

QAction *NeedleEditor::action(const QString &name) const
{
    return findChild<QAction *>(name, Qt::FindDirectChildrenOnly);
}

QPushButton *NeedleEditor::buttonFor(const QString &name) const
{
    QAction *run = action(name);
    auto *button = new QPushButton(run->icon(), run->text());
    const auto follow = [button, run] {
        button->setEnabled(run->isEnabled());
        button->setToolTip(run->toolTip());
        button->setAccessibleName(run->text());
    };
    connect(button, &QPushButton::clicked, run, &QAction::trigger);
    connect(run, &QAction::changed, button, follow);
    follow();
    return button;
}

void NeedleEditor::buildTable(Room room)
{
    m_table->setModel(m_model);
    m_table->setItemDelegate(new NeedleDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_table->setWordWrap(room == Room::Window);
    m_table->verticalHeader()->setDefaultSectionSize(24);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->setTabKeyNavigation(false);
    m_table->setMinimumHeight(120);
    QHeaderView *header = m_table->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::Stretch);
    if (room == Room::Panel) {
        m_table->verticalHeader()->hide();
        m_table->hideColumn(NeedleTableModel::Tokens);
        m_table->hideColumn(NeedleTableModel::Check);
        return;
    }
    // Texts take the room there is; whoever wants another share drags.
    for (int column = 0; column < NeedleTableModel::ColumnCount; ++column)
        header->setSectionResizeMode(column, QHeaderView::Interactive);
    header->setSectionResizeMode(NeedleTableModel::NeedleText, QHeaderView::Stretch);
    header->resizeSection(NeedleTableModel::Question, 210);
    header->resizeSection(NeedleTableModel::Answer, 200);
    header->resizeSection(NeedleTableModel::Tokens, 72);
    header->resizeSection(NeedleTableModel::Check, 190);
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
}

void NeedleEditor::build(Room room)
{
    buildTable(room);
    m_note->setElideMode(Qt::ElideRight);
    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    QStringList names{QStringLiteral("add"),    QStringLiteral("remove"), QStringLiteral("generate"),
                      QStringLiteral("import"), QStringLiteral("export"), QStringLiteral("window")};
    int columnCount = 3;
    if (room == Room::Window) {
        names = {QStringLiteral("add"),    QStringLiteral("duplicate"), QStringLiteral("remove"),
                 QStringLiteral("paste"),  QStringLiteral("generate"),  QStringLiteral("import"),
                 QStringLiteral("export"), QStringLiteral("reset")};
        columnCount = static_cast<int>(names.size());
        m_table->removeAction(action(QStringLiteral("window")));
    }
    layout->addWidget(m_table, 0, 0, 1, columnCount);
    layout->addWidget(m_note, 1, 0, 1, columnCount);
    for (int i = 0; i < names.size(); ++i)
        layout->addWidget(buttonFor(names[i]), 2 + i / columnCount, i % columnCount);
    layout->setRowStretch(0, 1);
}

void NeedleEditor::refresh()
{
    const bool chosen = m_table->selectionModel()->hasSelection();
    const QString why = tr("Choose needles in the table first");
    const auto set = [&](const char *name, const QString &tip) {
        QAction *run = action(QLatin1String(name));
        run->setEnabled(chosen);
        run->setToolTip(chosen ? tip : why);
    };
    set("duplicate", tr("Add a copy of the chosen needles"));
    set("remove", tr("Remove the chosen needles"));
    set("copy", tr("Copy the chosen needles as JSONL"));
    const QString problem = m_model->problem();
    m_note->setText(problem.isEmpty() ? m_model->summary() : problem);
}

QString NeedleEditor::note() const { return m_note->text(); }

void NeedleEditor::setKind(ProbeKind kind)
{
    const bool untouched = m_model->needles() == builtInNeedles(m_kind);
    m_kind = kind;
    if (untouched)
        reset();
}

void NeedleEditor::reset() { m_model->setNeedles(builtInNeedles(m_kind)); }

std::vector<int> NeedleEditor::chosenRows() const
{
    std::vector<int> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows.push_back(index.row());
    std::ranges::sort(rows);
    return rows;
}

/// Adds needles and chooses the first of them.
void NeedleEditor::insert(const std::vector<Needle> &needles, int row)
{
    m_model->insertNeedles(row, needles);
    m_table->setCurrentIndex(m_model->index(row, NeedleTableModel::NeedleText));
}

void NeedleEditor::add()
{
    insert(parseNeedles(example, "the example"), m_model->rowCount());
    m_table->edit(m_table->currentIndex());
}

void NeedleEditor::duplicate()
{
    const std::vector<int> rows = chosenRows();
    std::vector<Needle> copies;
    for (const int row : rows)
        copies.push_back(m_model->needles()[static_cast<std::size_t>(row)]);
    if (!rows.empty())
        insert(copies, rows.back() + 1);
}

void NeedleEditor::removeChosen()
{
    const std::vector<int> rows = chosenRows();
    for (auto row = rows.rbegin(); row != rows.rend(); ++row)
        m_model->removeRows(*row, 1);
}

void NeedleEditor::copy()
{
    std::vector<Needle> needles;
    for (const int row : chosenRows())
        needles.push_back(m_model->needles()[static_cast<std::size_t>(row)]);
    QGuiApplication::clipboard()->setText(QString::fromStdString(formatNeedles(needles)));
}

void NeedleEditor::paste()
{
    try {
        const std::string text = QGuiApplication::clipboard()->text().toStdString();
        const std::vector<int> rows = chosenRows();
        insert(parseNeedles(text, "the clipboard"), rows.empty() ? m_model->rowCount() : rows.back() + 1);
    } catch (const Error &error) {
        Q_EMIT failed(QString::fromUtf8(error.what()));
    }
}

void NeedleEditor::generate()
{
    NeedleGeneratorDialog dialog(m_kind, this);
    if (dialog.exec() != QDialog::Accepted)
        return;
    if (dialog.appends())
        m_model->insertNeedles(m_model->rowCount(), generateNeedles(dialog.recipe()));
    else
        m_model->setNeedles(generateNeedles(dialog.recipe()));
}

void NeedleEditor::importFile()
{
    const QString path =
        QFileDialog::getOpenFileName(this, tr("Import needles"), {}, tr("Needles (*.jsonl);;All files (*)"));
    if (path.isEmpty())
        return;
    try {
        m_model->setNeedles(readNeedles(path.toStdString()));
    } catch (const Error &error) {
        Q_EMIT failed(QString::fromUtf8(error.what()));
    }
}

void NeedleEditor::exportFile()
{
    const QString own = tr("Needles (*.jsonl)");
    const QString headKv = tr("Needles with HeadKV's keys (*.jsonl)");
    QString chosen = own;
    const QString path = QFileDialog::getSaveFileName(this, tr("Export needles"), QStringLiteral("needles.jsonl"),
                                                      own + QStringLiteral(";;") + headKv, &chosen);
    if (path.isEmpty())
        return;
    try {
        const NeedleLayout layout = chosen == headKv ? NeedleLayout::HeadKv : NeedleLayout::Own;
        writeFileAtomically(path.toStdString(), formatNeedles(m_model->needles(), layout));
    } catch (const Error &error) {
        Q_EMIT failed(QString::fromUtf8(error.what()));
    }
}

void NeedleEditor::openWindow()
{
    QDialog window(this);
    window.setWindowTitle(tr("Needles"));
    auto *editor = new NeedleEditor(m_model, Room::Window);
    editor->m_kind = m_kind;
    auto *messages = new MessageBar;
    connect(editor, &NeedleEditor::failed, messages,
            [messages](const QString &message) { messages->showMessage(MessageBar::Kind::Error, message); });
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, &window, &QDialog::reject);
    auto *layout = new QVBoxLayout(&window);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(messages);
    layout->addWidget(editor, 1);
    layout->addWidget(buttons);
    window.resize(1040, 600);
    window.exec();
}

} // namespace headkv
