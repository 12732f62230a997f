// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/controls/EmptyState.h"

#include "widgets/theme/Icons.h"
#include "widgets/theme/Theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace headkv {

EmptyState::EmptyState(QWidget *parent)
    : QWidget(parent)
    , m_icon(new QLabel(this))
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
    , m_action(new QPushButton(this))
    , m_second(new QPushButton(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * Theme::spacing, 3 * Theme::spacing, 3 * Theme::spacing, 3 * Theme::spacing);
    layout->setSpacing(Theme::spacing);
    layout->addStretch(2);
    for (QLabel *label : {m_icon, m_title, m_text}) {
        label->setAlignment(Qt::AlignHCenter | Qt::AlignVCenter);
    }
    layout->addWidget(m_icon);
    layout->addWidget(m_title);
    m_text->setWordWrap(true);
    m_text->setMaximumWidth(560);
    // Not aligned in its layout item: a label that wraps gets its height from its width only where it fills the item.
    auto *line = new QHBoxLayout;
    line->addStretch(1);
    line->addWidget(m_text, 20);
    line->addStretch(1);
    layout->addLayout(line);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(Theme::spacing);
    buttons->addStretch();
    buttons->addWidget(m_action);
    buttons->addWidget(m_second);
    buttons->addStretch();
    layout->addSpacing(Theme::spacing);
    layout->addLayout(buttons);
    layout->addStretch(3);
    m_action->setDefault(true);
    m_action->hide();
    m_second->hide();
    connect(m_action, &QPushButton::clicked, this, &EmptyState::actionTriggered);
    connect(m_second, &QPushButton::clicked, this, &EmptyState::secondActionTriggered);
    restyle();
}

EmptyState::EmptyState(const QString &icon, const QString &title, const QString &text, const QString &action,
                       QWidget *parent)
    : EmptyState(parent)
{
    setIcon(icon);
    setTitle(title);
    setText(text);
    setAction(action);
}

void EmptyState::setIcon(const QString &name)
{
    m_iconName = name;
    restyle();
}

void EmptyState::setTitle(const QString &title)
{
    m_title->setText(title);
    setAccessibleName(title);
}

void EmptyState::setText(const QString &text)
{
    m_text->setText(text);
    setAccessibleDescription(text);
}

void EmptyState::setAction(const QString &text)
{
    m_action->setText(text);
    m_action->setVisible(!text.isEmpty());
}

void EmptyState::setSecondAction(const QString &text)
{
    m_second->setText(text);
    m_second->setVisible(!text.isEmpty());
}

void EmptyState::restyle()
{
    constexpr int iconSize = 48;
    const QColor muted = palette().color(QPalette::PlaceholderText);
    m_icon->setPixmap(coloredIcon(m_iconName, muted).pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
    QFont titleFont = font();
    titleFont.setPointSizeF(font().pointSizeF() * 1.35);
    titleFont.setWeight(QFont::DemiBold);
    m_title->setFont(titleFont);
    QPalette quiet = palette();
    quiet.setColor(QPalette::WindowText, muted);
    m_text->setPalette(quiet);
}

void EmptyState::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        restyle();
    }
}

} // namespace headkv
