// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"

#include <QWidget>

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLineEdit;
class QSpinBox;

namespace headkv {

class HaystackBox;
class NeedleEditor;
class NeedleTableModel;
struct SessionProbeForm;

/// The controls that make a ProbeSettings.
class ProbeSettingsPanel : public QWidget
{
    Q_OBJECT

public:
    explicit ProbeSettingsPanel(QWidget *parent = nullptr);

    /// What the controls say; with a haystack's text only where there is no problem().
    [[nodiscard]] ProbeSettings settings() const;
    /// Puts settings into the controls; their haystack's text as it is.
    void setSettings(const ProbeSettings &settings);
    /// What is typed, for a session.
    [[nodiscard]] SessionProbeForm state() const;
    void restore(const SessionProbeForm &state);
    [[nodiscard]] ProbeScoring scoring() const;
    void setScoring(ProbeScoring scoring);
    /// Why these settings cannot run, the model's context length taken into account (0: not known). Empty: they can.
    [[nodiscard]] QString problem(int contextLength) const;

    [[nodiscard]] NeedleEditor *needles() const { return m_needles; }

Q_SIGNALS:
    void changed();
    void failed(const QString &message);

private:
    void buildForm(QFormLayout *form);
    void buildFilter(QFormLayout *form);
    void connectAll();
    void changeKind();
    void showFilter(const ProbeFilter &filter);
    [[nodiscard]] ProbeFilter filter() const;
    [[nodiscard]] ProbeKind kind() const;
    void showScoring();

    QComboBox *m_kind;
    QComboBox *m_scoring;
    QLineEdit *m_lengths;
    QLineEdit *m_depths;
    QSpinBox *m_newTokens;
    QComboBox *m_metric;
    QDoubleSpinBox *m_threshold;
    HaystackBox *m_haystack;
    NeedleTableModel *m_needleModel;
    NeedleEditor *m_needles;
    ProbeKind m_shownKind = ProbeKind::Retrieval;
};

} // namespace headkv
