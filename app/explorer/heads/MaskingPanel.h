// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/MaskingTest.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSettings;
class QSpinBox;

namespace headkv {

class LineChart;
class Session;
struct JobProgress;

/// "Test these heads": recall with the top k heads of a score set masked, against as many random ones.
class MaskingPanel : public QWidget
{
    Q_OBJECT

public:
    MaskingPanel(Session &session, QSettings &settings, QWidget *parent = nullptr);

    /// The set whose heads are tested; −1: none.
    void setScoreSet(int index);

    [[nodiscard]] LineChart *chart() const { return m_chart; }
    [[nodiscard]] QPushButton *startButton() const { return m_start; }
    [[nodiscard]] QPushButton *cancelButton() const { return m_cancel; }
    [[nodiscard]] QLineEdit *countsEdit() const { return m_counts; }
    [[nodiscard]] QLineEdit *lengthsEdit() const { return m_lengths; }
    [[nodiscard]] QLineEdit *depthsEdit() const { return m_depths; }
    [[nodiscard]] QSpinBox *needlesBox() const { return m_needles; }
    [[nodiscard]] QSpinBox *drawsBox() const { return m_draws; }
    [[nodiscard]] QString text() const;

private:
    [[nodiscard]] QWidget *buildForm();
    [[nodiscard]] std::vector<Needle> needles() const;
    /// Settings as typed; the problem, where they cannot be run.
    [[nodiscard]] MaskingSettings settings(QString &problem) const;
    [[nodiscard]] QString startProblem() const;
    void update();
    void start();
    void show(const MaskingResult &result);
    void showProgress(const JobProgress &progress);

    Session &m_session;
    int m_set = -1;
    QString m_tested; ///< the set that the chart is of
    QLineEdit *m_counts;
    QSpinBox *m_draws;
    QLineEdit *m_lengths;
    QLineEdit *m_depths;
    QSpinBox *m_needles;
    QPushButton *m_start;
    QPushButton *m_cancel;
    QProgressBar *m_bar;
    LineChart *m_chart;
    QLabel *m_text;
};

} // namespace headkv
