// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/probe/NeedleEditor.h"

#include "app/explorer/common/FormHelpers.h"
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/probe/NeedleFile.h"
#include "sessions/NeedleTableModel.h"
#include "widgets/theme/Theme.h"

#include <QFileDialog>
#include <QGridLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTableView>
#include <algorithm>

namespace headkv {

NeedleEditor::NeedleEditor(QWidget *parent)
    : QWidget(parent)
    , m_model(new NeedleTableModel(this))
    , m_table(named(
          new QTableView, tr("Needles"),
          tr("A needle is a sentence that is hidden in a long text and asked about; the answer's words stand in it")))
    , m_remove(iconButton(QStringLiteral("minus"), tr("Remove"), tr("Remove the chosen needles")))
{
    build();
    reset();
    for (const auto signal : {&NeedleTableModel::rowsInserted, &NeedleTableModel::rowsRemoved})
        connect(m_model, signal, this, &NeedleEditor::changed);
    connect(m_model, &NeedleTableModel::dataChanged, this, &NeedleEditor::changed);
    connect(m_model, &NeedleTableModel::modelReset, this, &NeedleEditor::changed);
}

void NeedleEditor::build()
{
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_table->verticalHeader()->setDefaultSectionSize(24);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->setTabKeyNavigation(false);
    m_table->setMinimumHeight(120);
    QPushButton *add = iconButton(QStringLiteral("plus"), tr("Add"), tr("Add a needle to edit"));
    QPushButton *import = iconButton(QStringLiteral("import"), tr("Import…"), tr("Read needles from a JSONL file"));
    QPushButton *save = iconButton(QStringLiteral("export"), tr("Export…"), tr("Write the needles to a JSONL file"));
    QPushButton *resetButton =
        iconButton(QStringLiteral("reset"), tr("Reset"), tr("Bring back the program's own needles"));
    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(m_table, 0, 0, 1, 3);
    layout->addWidget(add, 1, 0);
    layout->addWidget(m_remove, 1, 1);
    layout->addWidget(resetButton, 1, 2);
    layout->addWidget(import, 2, 0);
    layout->addWidget(save, 2, 1);
    layout->setRowStretch(0, 1);
    connect(add, &QPushButton::clicked, this, [this] {
        m_model->appendNeedle(
            {"The guest book lies in the blue cupboard.", "Where does the guest book lie?", "in the blue cupboard"});
        m_table->setCurrentIndex(m_model->index(m_model->rowCount() - 1, 0));
        m_table->edit(m_table->currentIndex());
    });
    connect(m_remove, &QPushButton::clicked, this, &NeedleEditor::removeChosen);
    connect(resetButton, &QPushButton::clicked, this, &NeedleEditor::reset);
    connect(import, &QPushButton::clicked, this, &NeedleEditor::importFile);
    connect(save, &QPushButton::clicked, this, &NeedleEditor::exportFile);
    const auto update = [this] {
        setRunnable(m_remove,
                    m_table->selectionModel()->hasSelection() ? QString() : tr("Choose needles in the table first"),
                    tr("Remove the chosen needles"));
    };
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, update);
    update();
}

void NeedleEditor::setKind(ProbeKind kind)
{
    const bool untouched = m_model->needles() == builtInNeedles(m_kind);
    m_kind = kind;
    if (untouched)
        reset();
}

void NeedleEditor::reset() { m_model->setNeedles(builtInNeedles(m_kind)); }

void NeedleEditor::removeChosen()
{
    QModelIndexList rows = m_table->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end(), [](const QModelIndex &a, const QModelIndex &b) { return a.row() > b.row(); });
    for (const QModelIndex &index : rows)
        m_model->removeRows(index.row(), 1);
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
    const QString path = QFileDialog::getSaveFileName(this, tr("Export needles"), QStringLiteral("needles.jsonl"),
                                                      tr("Needles (*.jsonl)"));
    if (path.isEmpty())
        return;
    try {
        writeFileAtomically(path.toStdString(), formatNeedles(m_model->needles()));
    } catch (const Error &error) {
        Q_EMIT failed(QString::fromUtf8(error.what()));
    }
}

} // namespace headkv
