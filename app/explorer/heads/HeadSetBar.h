// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>
#include <vector>

class QComboBox;
class QPushButton;

namespace headkv {

class ScoreLibrary;

/// Which score sets the page shows: one, or up to three side by side, or the difference of two.
class HeadSetBar : public QWidget
{
    Q_OBJECT

public:
    static constexpr std::size_t most = 3;

    explicit HeadSetBar(const ScoreLibrary &library, QWidget *parent = nullptr);

    /// Indices into ScoreLibrary::sets(), each once; empty: there is no set.
    [[nodiscard]] std::vector<int> chosen() const;
    /// Chooses these; one signal.
    void choose(const std::vector<int> &sets, bool difference);
    /// The difference of the first two is wanted, and there is one.
    [[nodiscard]] bool showsDifference() const;
    /// The first has the page's own set; those after it have an entry for none before the sets.
    [[nodiscard]] QComboBox *chooser(std::size_t place) const { return m_choosers[place]; }
    [[nodiscard]] QPushButton *differenceButton() const { return m_difference; }

Q_SIGNALS:
    void changed();
    void closeRequested();
    void saveRequested();
    void figureRequested();
    void copyRequested();

private:
    void build();
    void addSet(int index);
    void removeSet(int index);
    void showChoice();
    /// Why there is no difference to show; empty: there is one.
    [[nodiscard]] QString differenceProblem() const;

    const ScoreLibrary &m_library;
    std::array<QComboBox *, most> m_choosers{};
    QPushButton *m_difference;
    QPushButton *m_close;
};

} // namespace headkv
