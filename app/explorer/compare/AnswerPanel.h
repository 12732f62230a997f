// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <cstddef>
#include <optional>

class QLabel;
class QLineEdit;
class QPushButton;
class QSettings;
class QTableView;
class QTextBrowser;

namespace headkv {

class AnswerTableModel;
class ElidedLabel;
class EvaluationSession;

/// Which answers are wanted; what is not there does not matter.
struct AnswerChoice
{
    std::optional<std::size_t> task, variant, length, depth; ///< indices into the run's and the task's lists
};

/// The answers of an evaluation: those of a row of the table or of a grid's cell, by words, and the chosen one in full.
class AnswerPanel : public QWidget
{
    Q_OBJECT

public:
    AnswerPanel(const EvaluationSession &evaluation, QSettings &settings, QWidget *parent = nullptr);

    void choose(const AnswerChoice &choice);
    [[nodiscard]] QTableView *table() const { return m_table; }
    [[nodiscard]] QLineEdit *words() const { return m_words; }
    [[nodiscard]] QPushButton *showAllButton() const { return m_all; }
    /// Of which answers those shown are.
    [[nodiscard]] QString caption() const;
    /// The chosen answer, as text.
    [[nodiscard]] QString details() const;

private:
    class Filter;

    void build();
    void showCaption();
    void showDetails();
    [[nodiscard]] QString describe(const AnswerChoice &choice) const;

    const EvaluationSession &m_evaluation;
    AnswerTableModel *m_model;
    Filter *m_filter;
    ElidedLabel *m_caption;
    QLineEdit *m_words;
    QPushButton *m_all;
    QTableView *m_table;
    QTextBrowser *m_details;
};

} // namespace headkv
