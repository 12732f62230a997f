// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/Page.h"

class QLabel;
class QPushButton;
class QSettings;
class QStackedWidget;
class QTimer;

namespace headkv {

class CaseInspector;
class EmptyState;
class ProbeRunView;
class ProbeSettingsPanel;
class Session;
struct ProbeEstimate;

/// Settings of a probe at the left, the probe itself at the right.
class ProbePage : public Page
{
    Q_OBJECT

public:
    ProbePage(Session &session, QSettings &settings, QWidget *parent = nullptr);

    [[nodiscard]] Chart *exportChart() const override;
    [[nodiscard]] ExportItems exportItems() override;
    [[nodiscard]] ProbeSettingsPanel *settingsPanel() const { return m_panel; }
    [[nodiscard]] ProbeRunView *runView() const { return m_run; }
    [[nodiscard]] CaseInspector *inspector() const { return m_inspector; }
    [[nodiscard]] bool isInspecting() const;
    [[nodiscard]] QPushButton *resumeButton() const { return m_resume; }
    [[nodiscard]] QPushButton *startButton() const { return m_start; }
    [[nodiscard]] QPushButton *cancelButton() const { return m_cancel; }
    /// Nothing is waited for: no estimate is on its way.
    [[nodiscard]] bool isSettled() const;

Q_SIGNALS:
    void loadRequested();

protected:
    void showEvent(QShowEvent *event) override;

private:
    [[nodiscard]] QWidget *buildSettings();
    void connectControls();
    void connectSession();
    [[nodiscard]] QString problem() const;
    void refresh();
    void estimate();
    void showEstimate(const ProbeEstimate &estimate);
    void start();
    void showRunning();
    void countTokens();
    void warnOfFewPasses(bool cancelled);
    void saveReport();
    void inspect(std::size_t caseIndex);
    void closeInspector();

    Session &m_session;
    ProbeSettingsPanel *m_panel;
    ProbeRunView *m_run;
    CaseInspector *m_inspector;
    EmptyState *m_empty;
    QStackedWidget *m_stack;
    QLabel *m_estimate;
    QPushButton *m_start;
    QPushButton *m_resume;
    QPushButton *m_cancel;
    QTimer *m_delay;
    QString m_notice;            ///< of the last probe, why it has no scores
    bool m_offersForced = false; ///< what the message bar's button would do
    bool m_estimateWanted = true;
};

} // namespace headkv
