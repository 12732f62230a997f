// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/CaseInspection.h"
#include "widgets/charts/HeatmapData.h"

#include <QWidget>
#include <vector>

class QLabel;
class QPushButton;
class QSettings;

namespace headkv {

class ElidedLabel;
class HeatmapView;
class Session;
class TokenStrip;
class TokenView;

/// One case in full: its prompt with the needle and the answer's place in it marked, the answer step by step, and how
/// much each head attends to that place at the chosen step. The attention is computed when a case is opened.
class CaseInspector : public QWidget
{
    Q_OBJECT

public:
    CaseInspector(Session &session, QSettings &settings, QWidget *parent = nullptr);

    /// Shows a finished case of the session's probe; while another one is read, that is cancelled first. `order` is the
    /// order in which Previous and Next go through the cases.
    void open(std::size_t caseIndex, std::vector<std::size_t> order);
    /// The case shown or waited for.
    [[nodiscard]] std::size_t caseIndex() const { return m_case; }
    /// Null: there is none yet.
    [[nodiscard]] const CaseInspection *inspection() const { return m_inspection.get(); }

    [[nodiscard]] TokenView *prompt() const { return m_prompt; }
    [[nodiscard]] TokenStrip *strip() const { return m_strip; }
    [[nodiscard]] HeatmapView *heatmap() const { return m_heatmap; }
    [[nodiscard]] QPushButton *nextButton() const { return m_next; }
    [[nodiscard]] QPushButton *previousButton() const { return m_previous; }
    [[nodiscard]] QPushButton *backButton() const { return m_back; }
    /// What is said of the whole.
    [[nodiscard]] QString note() const;

Q_SIGNALS:
    void closed();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void build(QSettings &settings);
    [[nodiscard]] QWidget *buildHeader();
    void request();
    void show(const InspectionPtr &inspection);
    void showWords();
    void showAttention();
    void showStep();
    void showProgress();
    void updateButtons();
    void step(int by);
    void forget();
    [[nodiscard]] QString describeToken(int token) const;
    [[nodiscard]] HeatmapData stepData() const;

    Session &m_session;
    std::size_t m_case = 0;
    bool m_open = false;
    bool m_wanted = false; ///< waits until the session can read it
    std::vector<std::size_t> m_order;
    InspectionPtr m_inspection;
    ValueRange m_stepRange;
    QPushButton *m_back;
    QPushButton *m_previous;
    QPushButton *m_next;
    ElidedLabel *m_title;
    ElidedLabel *m_expected;
    ElidedLabel *m_answered;
    TokenView *m_prompt;
    TokenStrip *m_strip;
    HeatmapView *m_heatmap;
    QLabel *m_note;
};

} // namespace headkv
