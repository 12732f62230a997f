// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/Page.h"

class QLabel;
class QPushButton;
class QSettings;
class QStackedWidget;

namespace headkv {

class CompareView;
class ElidedLabel;
class EmptyState;
class Session;
class TaskPanel;
class VariantPanel;

/// Methods and budgets held against each other on the same tasks: what is asked at the left, what came of it at the
/// right.
class ComparePage : public Page
{
    Q_OBJECT

public:
    ComparePage(Session &session, QSettings &settings, QWidget *parent = nullptr);

    [[nodiscard]] Chart *exportChart() const override;
    [[nodiscard]] ExportItems exportItems() override;
    /// All figures follow the answers.
    [[nodiscard]] bool isSettled() const;
    /// There is an evaluation to look at.
    [[nodiscard]] bool hasResults() const;
    /// Writes the evaluation as one HTML page. Returns the error, empty: done.
    [[nodiscard]] QString writePage(const QString &path) const;

    [[nodiscard]] TaskPanel *tasks() const { return m_tasks; }
    [[nodiscard]] VariantPanel *variants() const { return m_variants; }
    [[nodiscard]] CompareView *view() const { return m_view; }
    [[nodiscard]] EmptyState *emptyState() const { return m_empty; }
    [[nodiscard]] QPushButton *startButton() const { return m_start; }
    [[nodiscard]] QPushButton *resumeButton() const { return m_resume; }
    [[nodiscard]] QPushButton *cancelButton() const { return m_cancel; }
    [[nodiscard]] QPushButton *openButton() const { return m_open; }
    [[nodiscard]] QPushButton *saveButton() const { return m_save; }
    [[nodiscard]] QPushButton *pageButton() const { return m_page; }
    /// What stands above the buttons: how much there is to do, or why it cannot start.
    [[nodiscard]] QString estimate() const;
    /// What stands above the results.
    [[nodiscard]] QString summary() const;

Q_SIGNALS:
    void loadRequested();
    void openRequested();
    void figureChanged();

private:
    [[nodiscard]] QWidget *buildSide();
    [[nodiscard]] QWidget *buildResults();
    void connectControls();
    void connectSession();
    [[nodiscard]] QString problem() const;
    [[nodiscard]] QString resumeProblem() const;
    [[nodiscard]] QString saveProblem() const;
    void refresh();
    void showEmpty();
    void showEstimate(const QString &problem);
    void showProgress();
    void showSummary();
    void start();
    void tellEnd(bool cancelled);
    void saveReport();
    void savePage();
    /// Where a file goes, in the folder of the last export. Empty: none was chosen.
    [[nodiscard]] QString chooseFile(const QString &title, const QString &name, const QString &filter);

    Session &m_session;
    QSettings &m_settings;
    TaskPanel *m_tasks;
    VariantPanel *m_variants;
    CompareView *m_view;
    EmptyState *m_empty;
    QStackedWidget *m_stack;
    QLabel *m_estimate;
    ElidedLabel *m_summary;
    QPushButton *m_start;
    QPushButton *m_resume;
    QPushButton *m_cancel;
    QPushButton *m_open;
    QPushButton *m_save;
    QPushButton *m_page;
    QWidget *m_side = nullptr; ///< the settings
};

} // namespace headkv
