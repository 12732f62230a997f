// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/EvaluationRequest.h"

#include <QWidget>

class QCheckBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;
class QSettings;
class QSpinBox;

namespace headkv {

class HaystackBox;
struct SessionTasks;

/// The controls that say what an evaluation asks: needles, reasoning, documents.
class TaskPanel : public QWidget
{
    Q_OBJECT

public:
    explicit TaskPanel(QSettings &settings, QWidget *parent = nullptr);

    /// Puts tasks, needles and documents into a request, without the haystack's text.
    void fill(EvaluationRequest &request) const;
    /// The haystack's text. Errors: Input, where it cannot be read.
    void fillHaystack(EvaluationRequest &request) const;
    /// Why these tasks cannot run, the model's context length taken into account (0: not known). Empty: they can.
    [[nodiscard]] QString problem(int contextLength) const;
    /// Questions that there will be, without those of files, which are not read before the run. 0: a list is malformed.
    [[nodiscard]] std::size_t cases() const;
    [[nodiscard]] int fileCount() const;
    void addFiles(const QStringList &paths);
    /// What is typed, for a session.
    [[nodiscard]] SessionTasks state() const;
    void restore(const SessionTasks &state);

    [[nodiscard]] QCheckBox *niah() const { return m_niah; }
    [[nodiscard]] QCheckBox *reasoning() const { return m_reasoning; }
    [[nodiscard]] QCheckBox *documents() const { return m_documents; }
    [[nodiscard]] QListWidget *files() const { return m_files; }
    [[nodiscard]] QPushButton *removeButton() const { return m_remove; }
    [[nodiscard]] QLineEdit *lengths() const { return m_lengths; }
    [[nodiscard]] QLineEdit *depths() const { return m_depths; }
    [[nodiscard]] QSpinBox *needles() const { return m_needles; }
    [[nodiscard]] QSpinBox *newTokens() const { return m_newTokens; }
    [[nodiscard]] QSpinBox *maxCases() const { return m_maxCases; }
    [[nodiscard]] QCheckBox *skipMalformed() const { return m_skip; }
    [[nodiscard]] HaystackBox *haystack() const { return m_haystack; }

Q_SIGNALS:
    void changed();
    void failed(const QString &message);

private:
    void build();
    [[nodiscard]] QWidget *buildFiles();
    void buildNeedles(QFormLayout *form);
    void buildDocuments(QFormLayout *form);
    void connectAll();
    void chooseFiles();
    void chooseFormats();
    void removeChosen();
    void showRunnable();
    void showFormats();
    [[nodiscard]] QStringList paths() const;
    [[nodiscard]] bool asksNeedles() const;
    [[nodiscard]] bool asksDocuments() const;
    /// The first of the program's own, as many as are wanted.
    [[nodiscard]] std::vector<Needle> needlesOf(ProbeKind kind) const;

    QSettings &m_settings;
    QCheckBox *m_niah;
    QCheckBox *m_reasoning;
    QCheckBox *m_documents;
    QListWidget *m_files;
    QPushButton *m_add;
    QPushButton *m_remove;
    QWidget *m_needleBox;
    QWidget *m_documentBox;
    QLineEdit *m_lengths;
    QLineEdit *m_depths;
    QSpinBox *m_needles;
    HaystackBox *m_haystack;
    QSpinBox *m_newTokens;
    QSpinBox *m_maxCases;
    QCheckBox *m_skip;
    QPushButton *m_formats;
    QPushButton *m_ownFormats; ///< goes back to the program's own
    QString m_formatsFile;     ///< empty: the program's own
};

} // namespace headkv
