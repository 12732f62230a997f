// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/Lane.h"

#include <QDialog>

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;

namespace headkv {

class HaystackBox;

/// Asks what to hide in which text, how long that is to be, and where.
class NeedleDialog : public QDialog
{
    Q_OBJECT

public:
    /// contextLength: the most tokens that the text can have; 0: not known.
    explicit NeedleDialog(int contextLength, QWidget *parent = nullptr);

    [[nodiscard]] NeedleRequest request() const;
    /// Puts a request's needle, length and depth into the controls; its haystack stays the chosen one.
    void setRequest(const NeedleRequest &request);
    /// Why it cannot be hidden; empty: it can.
    [[nodiscard]] QString problem() const;

    [[nodiscard]] QComboBox *needles() const { return m_needles; }
    [[nodiscard]] QPlainTextEdit *needle() const { return m_needle; }
    [[nodiscard]] QLineEdit *question() const { return m_question; }
    [[nodiscard]] QLineEdit *answer() const { return m_answer; }
    [[nodiscard]] HaystackBox *haystack() const { return m_haystack; }
    [[nodiscard]] QSpinBox *length() const { return m_length; }
    [[nodiscard]] QDoubleSpinBox *depth() const { return m_depth; }
    [[nodiscard]] QPushButton *hideButton() const { return m_hide; }

private:
    [[nodiscard]] QFormLayout *buildForm();
    void build();
    void showChosen(int index);
    void refresh();

    std::vector<Needle> m_builtIn;
    QComboBox *m_needles;
    QPlainTextEdit *m_needle;
    QLineEdit *m_question;
    QLineEdit *m_answer;
    HaystackBox *m_haystack;
    QSpinBox *m_length;
    QDoubleSpinBox *m_depth;
    QLabel *m_problem;
    QPushButton *m_hide;
};

} // namespace headkv
