// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/Page.h"

#include <set>

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSettings;
class QStackedWidget;
class QTimer;

namespace headkv {

class ElidedLabel;
class EmptyState;
class GenerateExportMenu;
class GeneratePanel;
class GenerateView;
class Session;
struct HiddenNeedle;

/// Compressed generation to watch: prompt and lanes at the left, the lanes as they write at the right.
class GeneratePage : public Page
{
    Q_OBJECT

public:
    /// All outlive the page.
    GeneratePage(Session &session, QSettings &settings, QWidget *parent = nullptr);

    [[nodiscard]] Chart *exportChart() const override;
    [[nodiscard]] ExportItems exportItems() override;
    [[nodiscard]] GeneratePanel *panel() const { return m_panel; }
    [[nodiscard]] GenerateView *view() const { return m_view; }
    [[nodiscard]] QPushButton *startButton() const { return m_start; }
    [[nodiscard]] QPushButton *stopButton() const { return m_stop; }
    [[nodiscard]] QPushButton *continueButton() const { return m_continue; }
    [[nodiscard]] QPushButton *againButton() const { return m_again; }
    [[nodiscard]] QLineEdit *sayLine() const { return m_sayLine; }
    [[nodiscard]] QPushButton *sayButton() const { return m_say; }
    [[nodiscard]] QLabel *reason() const { return m_reason; }
    /// What stands above the lanes: the prompt, the turn, the answer that is expected.
    [[nodiscard]] QString summary() const;
    /// Writes all that there is into a folder; the message bar says how it ended.
    void exportAll(const QString &folder);
    [[nodiscard]] bool isExporting() const;
    /// Nothing is waited for: the charts show all, no count is on its way.
    [[nodiscard]] bool isSettled() const;

Q_SIGNALS:
    void loadRequested();

protected:
    void showEvent(QShowEvent *event) override;

private:
    [[nodiscard]] QWidget *buildSide();
    [[nodiscard]] QWidget *buildResults();
    [[nodiscard]] QHBoxLayout *buildBar();
    void connectControls();
    void connectSession();
    void connectLanes();
    [[nodiscard]] QString problem() const;
    void refresh();
    void showSummary();
    void start();
    void say();
    void beginLanes();
    void laneChanged(int lane);
    void drawLanes(bool ended);
    void countTokens();
    void showCount(const QString &text, qsizetype count);
    void hideNeedle();

    Session &m_session;
    QSettings &m_settings;
    GeneratePanel *m_panel;
    QPushButton *m_start;
    QPushButton *m_stop;
    QPushButton *m_continue;
    QPushButton *m_again;
    QPushButton *m_clear;
    QPushButton *m_export;
    QLineEdit *m_sayLine;
    QPushButton *m_say;
    QLabel *m_reason;
    ElidedLabel *m_summary;
    EmptyState *m_empty;
    QStackedWidget *m_stack;
    GenerateView *m_view;
    GenerateExportMenu *m_exports = nullptr;
    QTimer *m_draw;  ///< charts and figures, some 15 times a second
    QTimer *m_count; ///< until the prompt is counted
    std::set<int> m_changed;
    QString m_needle;   ///< hidden in the prompt of the lanes
    QString m_expected; ///< answer to the question of the needle that was hidden last
    QString m_laneExpected;
    bool m_countWanted = false;
};

} // namespace headkv
