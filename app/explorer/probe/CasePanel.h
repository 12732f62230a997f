// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

class QCheckBox;
class QLabel;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;
class QTextBrowser;

namespace headkv {

class CaseTableModel;
class Session;

/// The finished cases of a probe in a table, and the chosen one in full.
class CasePanel : public QWidget
{
    Q_OBJECT

public:
    explicit CasePanel(const Session &session, QWidget *parent = nullptr);

    [[nodiscard]] CaseTableModel *model() const { return m_model; }
    [[nodiscard]] QTableView *table() const { return m_table; }
    [[nodiscard]] QCheckBox *passedOnly() const { return m_passedOnly; }
    [[nodiscard]] QPushButton *saveButton() const { return m_save; }
    [[nodiscard]] QPushButton *inspectButton() const { return m_inspect; }
    /// Chooses the first finished case of a length and depth (indices into the settings' lists).
    void chooseCase(int length, int depth);
    /// Asks for the chosen case to be opened, where it can be.
    void inspectChosen();
    /// Cases in the order of the table's rows.
    [[nodiscard]] std::vector<std::size_t> order() const;
    /// Chooses a case's row.
    void choose(std::size_t caseIndex);

Q_SIGNALS:
    void saveRequested();
    void inspectRequested(std::size_t caseIndex);

private:
    void build();
    void showDetails();
    void updateButton();
    [[nodiscard]] QString inspectProblem() const;
    [[nodiscard]] QString describe(std::size_t caseIndex) const;

    const Session &m_session;
    CaseTableModel *m_model;
    QSortFilterProxyModel *m_filter;
    QTableView *m_table;
    QCheckBox *m_passedOnly;
    QPushButton *m_inspect;
    QPushButton *m_save;
    QTextBrowser *m_details;
};

} // namespace headkv
