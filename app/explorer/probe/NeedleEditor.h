// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"

#include <QWidget>

class QPushButton;
class QTableView;

namespace headkv {

class NeedleTableModel;

/// The table of needles with add, remove, import, export and reset.
class NeedleEditor : public QWidget
{
    Q_OBJECT

public:
    explicit NeedleEditor(QWidget *parent = nullptr);

    [[nodiscard]] NeedleTableModel *model() const { return m_model; }
    /// The kind whose built-in needles reset() brings back. Built-in needles that are unedited follow the kind.
    void setKind(ProbeKind kind);
    void reset();

Q_SIGNALS:
    void changed();
    void failed(const QString &message);

private:
    void build();
    void importFile();
    void exportFile();
    void removeChosen();

    ProbeKind m_kind = ProbeKind::Retrieval;
    NeedleTableModel *m_model;
    QTableView *m_table;
    QPushButton *m_remove;
};

} // namespace headkv
