// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QCheckBox;
class QLabel;
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
    /// Chooses the first finished case of a length and depth (indices into the settings' lists).
    void chooseCase(int length, int depth);

private:
    void build();
    void showDetails();
    [[nodiscard]] QString describe(std::size_t caseIndex) const;

    const Session &m_session;
    CaseTableModel *m_model;
    QSortFilterProxyModel *m_filter;
    QTableView *m_table;
    QCheckBox *m_passedOnly;
    QTextBrowser *m_details;
};

} // namespace headkv
