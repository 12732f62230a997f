// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/generate/LaneChoice.h"
#include "sessions/SessionDocument.h"

#include <QWidget>
#include <optional>

class QCheckBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace headkv {

class LaneEditor;
class PromptEdit;
class ScoreLibrary;

/// What the lanes are asked and how they run: prompt, sampling, methods.
class GeneratePanel : public QWidget
{
    Q_OBJECT

public:
    explicit GeneratePanel(const ScoreLibrary &library, QWidget *parent = nullptr);

    [[nodiscard]] GenerationRequest request() const;
    [[nodiscard]] GenerationSettings settings() const;
    [[nodiscard]] const std::vector<LaneChoice> &lanes() const { return m_lanes; }
    void setLanes(const std::vector<LaneChoice> &lanes);
    /// What a session keeps of it besides the words; what it restores of methods that are not known is left out.
    [[nodiscard]] SessionGenerateForm state() const;
    void restore(const SessionGenerateForm &state);
    /// Why this cannot run on a model; empty: it can.
    [[nodiscard]] QString problem(const ModelInfo &model) const;
    /// The prompt's own tokens, as the session counted them; nothing: not known.
    void setTokenCount(std::optional<qsizetype> count, int contextLength);
    /// The session's score sets have changed.
    void takeSets();
    /// The words, with the needle marked.
    void showHidden(const HiddenNeedle &hidden);
    /// Reads a text file into the prompt. Returns the error, empty: done.
    [[nodiscard]] QString loadPrompt(const QString &path);

    [[nodiscard]] PromptEdit *prompt() const { return m_prompt; }
    [[nodiscard]] QPushButton *loadButton() const { return m_load; }
    [[nodiscard]] QPushButton *hideButton() const { return m_hide; }
    [[nodiscard]] QLineEdit *system() const { return m_system; }
    [[nodiscard]] QCheckBox *raw() const { return m_raw; }
    [[nodiscard]] QSpinBox *newTokens() const { return m_newTokens; }
    [[nodiscard]] QDoubleSpinBox *temperature() const { return m_temperature; }
    [[nodiscard]] QDoubleSpinBox *topP() const { return m_topP; }
    [[nodiscard]] QSpinBox *seed() const { return m_seed; }
    [[nodiscard]] QCheckBox *ignoreEnd() const { return m_ignoreEnd; }
    [[nodiscard]] QPushButton *addButton() const { return m_add; }
    [[nodiscard]] LaneEditor *lane(std::size_t i) const { return m_editors[i]; }

Q_SIGNALS:
    void changed();
    void promptChanged();
    void needleWanted();
    void failed(const QString &message);

private:
    void build();
    [[nodiscard]] QWidget *buildPrompt();
    [[nodiscard]] QWidget *buildSampling();
    void connectAll();
    void chooseFile();
    void showLanes();
    void edit(std::size_t lane);

    const ScoreLibrary &m_library;
    std::vector<LaneChoice> m_lanes;
    bool m_lanesTouched = false; ///< by the user; else they follow what is open
    std::optional<qsizetype> m_tokens;
    QString m_question; ///< of the needle that was hidden last
    PromptEdit *m_prompt;
    QPushButton *m_load;
    QPushButton *m_hide;
    QPushButton *m_clear;
    QLabel *m_count;
    QLineEdit *m_system;
    QCheckBox *m_raw;
    QSpinBox *m_newTokens;
    QDoubleSpinBox *m_temperature;
    QDoubleSpinBox *m_topP;
    QSpinBox *m_seed;
    QCheckBox *m_ignoreEnd;
    QVBoxLayout *m_laneRows;
    QPushButton *m_add;
    std::vector<LaneEditor *> m_editors;
};

} // namespace headkv
