// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/Page.h"

#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Theme.h"

#include <QVBoxLayout>

namespace headkv {

Page::Page(QWidget *parent)
    : QWidget(parent)
    , m_layout(new QVBoxLayout(this))
    , m_messages(new MessageBar(this))
{
    m_layout->setContentsMargins(2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing, Theme::spacing);
    m_layout->setSpacing(Theme::spacing);
    m_layout->addWidget(m_messages);
}

void Page::setContent(QWidget *content) { m_layout->addWidget(content, 1); }

} // namespace headkv
