// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/start/StartPage.h"

#include "app/explorer/common/ActionRegistry.h"
#include "app/explorer/common/FileOpener.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/RecentFiles.h"
#include "widgets/theme/Icons.h"
#include "widgets/theme/Theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

namespace headkv {

namespace {

QPushButton *actionButton(QAction *action, const QString &icon, const QString &text, bool isDefault)
{
    QPushButton *button = iconButton(icon, text, action->toolTip());
    button->setDefault(isDefault);
    if (isDefault)
        button->setIcon({}); // the line icons take the text's colour, which does not show on a default button
    button->setEnabled(action->isEnabled());
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    QObject::connect(action, &QAction::changed, button, [button, action] {
        button->setEnabled(action->isEnabled());
        button->setToolTip(action->toolTip());
    });
    return button;
}

} // namespace

StartPage::StartPage(const ActionRegistry &actions, RecentFiles &recents, QWidget *parent)
    : Page(parent)
    , m_recents(recents)
    , m_list(named(new QListWidget, tr("Recent files"), tr("Enter or a double click opens a file")))
    , m_remove(iconButton(QStringLiteral("close"), tr("&Remove"), tr("Take the chosen file off this list")))
    , m_clear(iconButton(QStringLiteral("trash"), tr("C&lear"), tr("Empty this list; no file is deleted")))
{
    auto *column = new QWidget;
    column->setMaximumWidth(860);
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 2 * Theme::spacing, 0, Theme::spacing);
    layout->setSpacing(3 * Theme::spacing);
    layout->addWidget(buildOpenBox(actions));
    layout->addWidget(buildRecents(), 1);
    auto *content = new QWidget;
    auto *middle = new QHBoxLayout(content);
    middle->setContentsMargins(0, 0, 0, 0);
    middle->addStretch(1);
    middle->addWidget(column, 20);
    middle->addStretch(1);
    setContent(content);
    connect(&m_recents, &RecentFiles::changed, this, &StartPage::fillRecents);
    fillRecents();
}

QWidget *StartPage::buildOpenBox(const ActionRegistry &actions)
{
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    QLabel *title = heading(tr("HeadKV Explorer"));
    QFont font = title->font();
    font.setPointSizeF(font.pointSizeF() * 1.8);
    title->setFont(font);
    layout->addWidget(title);
    layout->addWidget(new QLabel(tr("See which attention heads of a language model find and reason over facts.")));
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(Theme::spacing);
    buttons->addWidget(actionButton(actions.action(QStringLiteral("file.loadDefault")), QStringLiteral("model"),
                                    tr("Load the &default model"), true));
    buttons->addWidget(actionButton(actions.action(QStringLiteral("file.open")), QStringLiteral("folder"),
                                    tr("&Open a model or score file…"), false));
    buttons->addStretch();
    layout->addSpacing(Theme::spacing);
    layout->addLayout(buttons);
    layout->addSpacing(Theme::spacing);
    layout->addWidget(heading(tr("What to do next")));
    for (const QString &line :
         {tr("1.  Load a model; the Model page shows its heads and what their cache costs."),
          tr("2.  On the Probe page, hide needles in a haystack and start: the scores of all heads grow as cases "
             "finish."),
          tr("3.  On the Heads page, compare the heads, pin the interesting ones, and export figures and scores.")}) {
        auto *label = new QLabel(line);
        label->setWordWrap(true);
        layout->addWidget(label);
    }
    return box;
}

QWidget *StartPage::buildRecents()
{
    auto *box = new QWidget;
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    auto *top = new QHBoxLayout;
    top->addWidget(heading(tr("Recent files")));
    top->addStretch();
    top->addWidget(m_remove);
    top->addWidget(m_clear);
    layout->addLayout(top);
    m_list->setSpacing(Theme::spacing / 4);
    layout->addWidget(m_list, 1);
    connect(m_list, &QListWidget::itemActivated, this, [this](QListWidgetItem *item) {
        if (item->data(Qt::UserRole).isValid())
            Q_EMIT openRequested(item->data(Qt::UserRole).toString());
    });
    connect(m_list, &QListWidget::currentItemChanged, this,
            [this](QListWidgetItem *item) { m_remove->setEnabled(item && item->data(Qt::UserRole).isValid()); });
    connect(m_remove, &QPushButton::clicked, this, [this] {
        if (const QListWidgetItem *item = m_list->currentItem())
            m_recents.remove(item->data(Qt::UserRole).toString());
    });
    connect(m_clear, &QPushButton::clicked, &m_recents, &RecentFiles::clear);
    return box;
}

void StartPage::fillRecents()
{
    m_list->clear();
    const QStringList files = m_recents.files();
    for (const QString &file : files) {
        auto *item = new QListWidgetItem(themedIcon(FileOpener::pageOf(file)), RecentFiles::title(file), m_list);
        item->setData(Qt::UserRole, file);
    }
    if (files.isEmpty()) {
        auto *item = new QListWidgetItem(tr("Nothing yet. You can also drop a file anywhere on this window."), m_list);
        item->setFlags(Qt::NoItemFlags);
    }
    m_remove->setEnabled(false);
    m_clear->setEnabled(!files.isEmpty());
}

} // namespace headkv
