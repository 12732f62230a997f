// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/HeadSetBar.h"

#include "app/explorer/common/FormHelpers.h"
#include "sessions/ScoreLibrary.h"
#include "widgets/theme/Theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <algorithm>

namespace headkv {

namespace {

/// Entries before the sets: the first chooser has none, the others "none".
int entriesBefore(std::size_t place) { return place == 0 ? 0 : 1; }

} // namespace

HeadSetBar::HeadSetBar(const ScoreLibrary &library, QWidget *parent)
    : QWidget(parent)
    , m_library(library)
    , m_difference(iconButton(QStringLiteral("compare"), tr("&Difference"), {}))
    , m_close(iconButton(QStringLiteral("close"), tr("Close set"),
                         tr("Take the first set off the list; a file stays where it is")))
{
    build();
    m_close->setText({}); // the icon says it, and its name; there are three choosers to find room for
    m_difference->setCheckable(true);
    connect(&library, &ScoreLibrary::added, this, &HeadSetBar::addSet);
    connect(&library, &ScoreLibrary::removed, this, &HeadSetBar::removeSet);
    connect(m_close, &QPushButton::clicked, this, &HeadSetBar::closeRequested);
    connect(m_difference, &QPushButton::toggled, this, &HeadSetBar::changed);
    showChoice();
}

void HeadSetBar::build()
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    const std::array texts{tr("Score &set"), tr("bes&ide"), tr("an&d")};
    const std::array tips{tr("A score for each head, from a probe or a file"),
                          tr("A second set to see side by side, on a shared range"),
                          tr("A third set to see side by side")};
    for (std::size_t place = 0; place < most; ++place) {
        auto *chooser = new QComboBox;
        m_choosers[place] = chooser;
        chooser->setMinimumContentsLength(place == 0 ? 14 : 8);
        chooser->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        chooser->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        chooser->setMaximumWidth(place == 0 ? 320 : 240);
        if (place > 0)
            chooser->addItem(tr("none"));
        layout->addWidget(labelFor(chooser, texts[place], tips[place]));
        layout->addWidget(chooser, 1);
        connect(chooser, &QComboBox::currentIndexChanged, this, &HeadSetBar::showChoice);
    }
    m_choosers[1]->setAccessibleName(tr("Second score set"));
    m_choosers[2]->setAccessibleName(tr("Third score set"));
    layout->addWidget(m_difference);
    layout->addWidget(m_close);
    layout->addStretch(1);
    const auto add = [&](const char *icon, const QString &text, const QString &tip, auto signal) {
        QPushButton *button = iconButton(QLatin1String(icon), text, tip);
        button->setText({});
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, signal);
    };
    add("save", tr("Save scores"), tr("Write the first set in the published layout, with where it came from beside it"),
        &HeadSetBar::saveRequested);
    add("export", tr("Export figure"), tr("Write the heatmaps as PNG, SVG, PDF or CSV"), &HeadSetBar::figureRequested);
    add("copy", tr("Copy figure"), tr("Put the heatmaps on the clipboard"), &HeadSetBar::copyRequested);
}

std::vector<int> HeadSetBar::chosen() const
{
    std::vector<int> sets;
    for (std::size_t place = 0; place < most; ++place) {
        const int index = m_choosers[place]->currentIndex() - entriesBefore(place);
        if (index >= 0 && index < static_cast<int>(m_library.sets().size()) &&
            std::ranges::find(sets, index) == sets.end())
            sets.push_back(index);
    }
    return sets;
}

void HeadSetBar::choose(const std::vector<int> &sets, bool difference)
{
    {
        const QSignalBlocker quiet(m_difference);
        m_difference->setChecked(difference);
    }
    for (std::size_t place = 0; place < most; ++place) {
        const QSignalBlocker quiet(m_choosers[place]);
        const int set = place < sets.size() ? sets[place] : -1;
        m_choosers[place]->setCurrentIndex(std::max(set, -entriesBefore(place)) + entriesBefore(place));
    }
    showChoice();
}

bool HeadSetBar::showsDifference() const { return m_difference->isChecked() && differenceProblem().isEmpty(); }

QString HeadSetBar::differenceProblem() const
{
    const std::vector<int> sets = chosen();
    if (sets.size() != 2)
        return sets.size() < 2 ? tr("Choose a second set to see the difference of the two")
                               : tr("A difference is of two sets; take the third away");
    const HeadScores &first = *m_library.sets()[static_cast<std::size_t>(sets[0])].scores;
    const HeadScores &second = *m_library.sets()[static_cast<std::size_t>(sets[1])].scores;
    if (first.layers != second.layers || first.heads != second.heads)
        return tr("Sets of different models' shapes have no difference");
    return {};
}

void HeadSetBar::addSet(int index)
{
    const ScoreSet &set = m_library.sets()[static_cast<std::size_t>(index)];
    for (std::size_t place = 0; place < most; ++place) {
        const QSignalBlocker quiet(m_choosers[place]);
        const int row = index + entriesBefore(place);
        m_choosers[place]->insertItem(row, set.name);
        m_choosers[place]->setItemData(row, set.origin, Qt::ToolTipRole);
        if (place == 0)
            m_choosers[place]->setCurrentIndex(row);
    }
    showChoice();
}

void HeadSetBar::removeSet(int index)
{
    for (std::size_t place = 0; place < most; ++place) {
        const QSignalBlocker quiet(m_choosers[place]);
        const int row = index + entriesBefore(place);
        if (place > 0 && m_choosers[place]->currentIndex() == row)
            m_choosers[place]->setCurrentIndex(0);
        m_choosers[place]->removeItem(row);
    }
    showChoice();
}

void HeadSetBar::showChoice()
{
    setRunnable(m_difference, differenceProblem(),
                tr("Each head's share in the first set less its share in the second"));
    m_close->setEnabled(!m_library.sets().empty());
    const bool several = m_library.sets().size() > 1;
    for (std::size_t place = 1; place < most; ++place) {
        m_choosers[place]->setEnabled(several && (place == 1 || m_library.sets().size() > 2));
        if (!m_choosers[place]->isEnabled())
            m_choosers[place]->setToolTip(tr("Open another file of head scores, or run a probe, to compare"));
        else
            m_choosers[place]->setToolTip(tr("Another set to see side by side, on a shared range"));
    }
    Q_EMIT changed();
}

} // namespace headkv
