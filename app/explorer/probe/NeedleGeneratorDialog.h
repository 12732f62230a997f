// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/NeedleGenerator.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QFormLayout;
class QPushButton;
class QSpinBox;
class QTextBrowser;

namespace headkv {

/// Asks which needles to make, and shows the first of them.
class NeedleGeneratorDialog : public QDialog
{
    Q_OBJECT

public:
    explicit NeedleGeneratorDialog(ProbeKind kind, QWidget *parent = nullptr);

    [[nodiscard]] NeedleRecipe recipe() const;
    void setRecipe(const NeedleRecipe &recipe);
    /// The needles are to come behind those in the table, not in their place.
    [[nodiscard]] bool appends() const { return m_appends; }

    [[nodiscard]] QTextBrowser *preview() const { return m_preview; }
    [[nodiscard]] QPushButton *replaceButton() const { return m_replace; }
    [[nodiscard]] QPushButton *appendButton() const { return m_append; }

private:
    void build();
    [[nodiscard]] QFormLayout *buildForm();
    void refresh();

    QComboBox *m_kind;
    QSpinBox *m_count;
    QSpinBox *m_seed;
    QComboBox *m_answer;
    QCheckBox *m_reverses;
    QCheckBox *m_swaps;
    QTextBrowser *m_preview;
    QPushButton *m_replace;
    QPushButton *m_append;
    bool m_appends = false;
};

} // namespace headkv
