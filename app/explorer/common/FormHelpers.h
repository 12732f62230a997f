// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <string_view>
#include <vector>

class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QWidget;

namespace headkv {

/// Names a control for screen readers and explains it in its tooltip; returns it.
template <typename Control>
Control *named(Control *control, const QString &name, const QString &tip = {})
{
    control->setAccessibleName(name);
    control->setToolTip(tip);
    return control;
}

/// A label that is the buddy of a control (its mnemonic leads there) and shares its tooltip and name.
[[nodiscard]] QLabel *labelFor(QWidget *control, const QString &text, const QString &tip = {});
/// Rows for what parseLengths() and parseDepths() read.
void addGridRows(QFormLayout *form, QLineEdit *lengths, QLineEdit *depths);
/// A heading inside a page.
[[nodiscard]] QLabel *heading(const QString &text, QWidget *parent = nullptr);
[[nodiscard]] QPushButton *iconButton(const QString &icon, const QString &text, const QString &tip,
                                      QWidget *parent = nullptr);
/// A column of controls that scrolls up and down where it does not fit; takes over the content, whose layout has no
/// margins of its own.
[[nodiscard]] QScrollArea *scrolled(QWidget *content);
/// A page's left side: its settings, scrolled; what it will cost or why it cannot start; its buttons, the one that
/// starts first.
[[nodiscard]] QWidget *settingsColumn(QWidget *settings, QLabel *note, const std::vector<QPushButton *> &buttons);
/// Core's names and sentences, which are UTF-8.
[[nodiscard]] QString textOf(std::string_view text);
/// Leaves undo and redo to the window's actions while the text field has the focus.
void useWindowUndo(QWidget *field);
/// Enabled where `why` is empty; else disabled, and the tooltip says why.
void setRunnable(QWidget *control, const QString &why, const QString &tip);

} // namespace headkv
