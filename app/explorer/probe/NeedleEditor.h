// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"

#include <QWidget>

class QAction;
class QPushButton;
class QTableView;

namespace headkv {

class ElidedLabel;
class NeedleTableModel;

/// The table of needles: add, duplicate, remove, edit in place, copy and paste as JSONL, generate, import, export,
/// reset. In a panel it shows the three texts and a mark where something is wrong; in a window of its own also the
/// tokens and the checks in words.
class NeedleEditor : public QWidget
{
    Q_OBJECT

public:
    enum class Room { Panel, Window };

    /// The model outlives the editor.
    explicit NeedleEditor(NeedleTableModel *model, Room room, QWidget *parent = nullptr);

    [[nodiscard]] NeedleTableModel *model() const { return m_model; }
    [[nodiscard]] QTableView *table() const { return m_table; }
    [[nodiscard]] QAction *action(const QString &name) const; ///< by its object name: "add", "paste", …
    /// What is said below the table.
    [[nodiscard]] QString note() const;
    /// The kind whose built-in needles reset() brings back. Built-in needles that are unedited follow the kind.
    void setKind(ProbeKind kind);
    void reset();

Q_SIGNALS:
    void changed(); ///< the needles, by whatever editor
    void failed(const QString &message);

private:
    QAction *addAction(const QString &name, const QString &icon, const QString &text, const QString &tip,
                       void (NeedleEditor::*run)());
    void makeActions();
    void build(Room room);
    void buildTable(Room room);
    [[nodiscard]] QPushButton *buttonFor(const QString &action) const;
    void refresh();
    void add();
    void duplicate();
    void removeChosen();
    void copy();
    void paste();
    void generate();
    void importFile();
    void exportFile();
    void openWindow();
    void insert(const std::vector<Needle> &needles, int row);
    [[nodiscard]] std::vector<int> chosenRows() const;

    ProbeKind m_kind = ProbeKind::Retrieval;
    NeedleTableModel *m_model;
    QTableView *m_table;
    ElidedLabel *m_note;
};

} // namespace headkv
