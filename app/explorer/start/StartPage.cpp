// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/start/StartPage.h"

#include "app/explorer/common/ActionRegistry.h"
#include "app/explorer/common/FileOpener.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/RecentFiles.h"
#include "sessions/SessionFile.h"
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
    , m_pin(iconButton(QStringLiteral("pin"), tr("&Pin"), {}))
    , m_remove(iconButton(QStringLiteral("close"), tr("&Remove"), tr("Take the chosen file off this list")))
    , m_clear(iconButton(QStringLiteral("trash"), tr("C&lear"),
                         tr("Empty this list but for what is pinned; no file is deleted")))
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
    buttons->addWidget(actionButton(actions.action(QStringLiteral("file.sample")), QStringLiteral("heads"),
                                    tr("Open the &sample session"), true));
    buttons->addWidget(actionButton(actions.action(QStringLiteral("file.loadDefault")), QStringLiteral("model"),
                                    tr("Load the &default model"), false));
    buttons->addWidget(
        actionButton(actions.action(QStringLiteral("file.open")), QStringLiteral("folder"), tr("&Open…"), false));
    buttons->addWidget(
        actionButton(actions.action(QStringLiteral("help.tour")), QStringLiteral("help"), tr("Take the &tour"), false));
    buttons->addStretch();
    layout->addSpacing(Theme::spacing);
    layout->addLayout(buttons);
    layout->addSpacing(Theme::spacing);
    layout->addWidget(heading(tr("What to do next")));
    for (const QString &line :
         {tr("1.  In the sample session, look at the heads, slide β on the Budget page, see on Compare what it costs."),
          tr("2.  Load a model, hide needles in a haystack on the Probe page and start: the heads' scores grow case by "
             "case."),
          tr("3.  Compare the heads, pin the interesting ones, export figures and scores, and save the session.")}) {
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
    top->addWidget(m_pin);
    top->addWidget(m_remove);
    top->addWidget(m_clear);
    layout->addLayout(top);
    m_list->setSpacing(Theme::spacing / 4);
    layout->addWidget(m_list, 1);
    connect(m_list, &QListWidget::itemActivated, this, [this](QListWidgetItem *item) {
        if (item->data(Qt::UserRole).isValid())
            Q_EMIT openRequested(item->data(Qt::UserRole).toString());
    });
    connect(m_list, &QListWidget::currentItemChanged, this, &StartPage::updateButtons);
    connect(m_pin, &QPushButton::clicked, this,
            [this] { m_recents.setPinned(chosen(), !m_recents.isPinned(chosen())); });
    connect(m_remove, &QPushButton::clicked, this, [this] { m_recents.remove(chosen()); });
    connect(m_clear, &QPushButton::clicked, &m_recents, &RecentFiles::clear);
    return box;
}

QString StartPage::chosen() const
{
    const QListWidgetItem *item = m_list->currentItem();
    return item ? item->data(Qt::UserRole).toString() : QString();
}

void StartPage::updateButtons()
{
    const bool any = !chosen().isEmpty();
    const bool pinned = any && m_recents.isPinned(chosen());
    m_pin->setEnabled(any);
    m_pin->setText(pinned ? tr("Un&pin") : tr("&Pin"));
    m_pin->setToolTip(pinned ? tr("Let the chosen file go with the others")
                             : tr("Keep the chosen file at the top of this list"));
    m_remove->setEnabled(any);
}

void StartPage::fillRecents()
{
    const QString before = chosen();
    m_list->clear();
    const QStringList files = m_recents.files();
    for (const QString &file : files) {
        const bool pinned = m_recents.isPinned(file);
        auto *item = new QListWidgetItem(themedIcon(pinned                ? QStringLiteral("pin")
                                                    : isSessionFile(file) ? QStringLiteral("file")
                                                                          : FileOpener::pageOf(file)),
                                         RecentFiles::title(file), m_list);
        item->setData(Qt::UserRole, file);
        item->setData(Qt::AccessibleDescriptionRole, pinned ? tr("pinned") : QString());
        if (file == before)
            m_list->setCurrentItem(item);
    }
    if (files.isEmpty()) {
        auto *item = new QListWidgetItem(tr("Nothing yet. You can also drop a file anywhere on this window."), m_list);
        item->setFlags(Qt::NoItemFlags);
    }
    m_clear->setEnabled(!files.isEmpty() && !m_recents.isPinned(files.last()));
    updateButtons();
}

} // namespace headkv
