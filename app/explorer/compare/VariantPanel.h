// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/EvaluationRequest.h"
#include "core/model/ModelInfo.h"
#include "sessions/SharedData.h"

#include <QStringList>
#include <QWidget>
#include <string_view>
#include <vector>

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QListWidget;
class QListWidgetItem;
class QSpinBox;

namespace headkv {

class ScoreLibrary;
struct ScoreSet;
struct SessionVariants;

/// The controls that say what an evaluation compares: methods, budgets, score sets, and how a cache is compressed.
class VariantPanel : public QWidget
{
    Q_OBJECT

public:
    /// The library outlives the panel.
    explicit VariantPanel(const ScoreLibrary &library, QWidget *parent = nullptr);

    /// Whose heads the score sets have to be of; null: none is loaded.
    void setModel(const InfoPtr &model);
    /// Puts methods, budgets, score sets and the moment of compression into a request.
    void fill(EvaluationRequest &request) const;
    /// Why these variants cannot run with the model; empty: they can.
    [[nodiscard]] QString problem() const;
    /// Methods × budgets × score sets. 0: the budgets are malformed, or there is no method.
    [[nodiscard]] std::size_t count() const;
    /// Without a signal for each: the methods that are compared where they can be.
    void setMethods(const QStringList &methods);
    /// What is chosen, for a session with the library's score sets.
    [[nodiscard]] SessionVariants state() const;
    void restore(const SessionVariants &state);

    [[nodiscard]] QListWidget *methods() const { return m_methods; }
    [[nodiscard]] QListWidget *scoreSets() const { return m_sets; }
    [[nodiscard]] QLineEdit *budgets() const { return m_budgets; }
    [[nodiscard]] QComboBox *granularity() const { return m_granularity; }
    [[nodiscard]] QSpinBox *window() const { return m_window; }
    [[nodiscard]] QDoubleSpinBox *beta() const { return m_beta; }
    [[nodiscard]] QComboBox *moment() const { return m_moment; }

Q_SIGNALS:
    void changed();

protected:
    void changeEvent(QEvent *event) override;

private:
    void build();
    void buildForm(QFormLayout *form);
    void connectAll();
    void showSets();
    void showMethods();
    void methodChecked(const QListWidgetItem *item);
    void setChecked(const QListWidgetItem *item);
    [[nodiscard]] bool isUsable(const ScoreSet &set) const;
    /// Those of the model that are chosen.
    [[nodiscard]] std::vector<const ScoreSet *> chosenSets() const;
    [[nodiscard]] QString scoresProblem() const;
    [[nodiscard]] bool uses(std::string_view method) const;

    const ScoreLibrary &m_library;
    InfoPtr m_model;
    QStringList m_wanted;              ///< methods by id, whether they can run or not
    std::vector<ScoresPtr> m_unwanted; ///< score sets that the user has taken out
    QListWidget *m_methods;
    QLabel *m_reason; ///< why some methods cannot be chosen
    QListWidget *m_sets;
    QLineEdit *m_budgets;
    QComboBox *m_granularity;
    QSpinBox *m_window;
    QDoubleSpinBox *m_beta;
    QComboBox *m_moment;
};

/// Names for rows and legends: what stands before " (", where that tells the sets apart; never one twice.
[[nodiscard]] std::vector<QString> shortNames(const std::vector<const ScoreSet *> &sets);

} // namespace headkv
