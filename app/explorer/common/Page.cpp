// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/Page.h"

#include "sessions/ReportWatch.h"
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

void Page::tellOf(ReportWatch &watch)
{
    const auto text = [](const QString &path) {
        return tr("Watching %1: what another process adds to it appears here. Close this message to watch no longer.")
            .arg(path);
    };
    connect(&watch, &ReportWatch::changed, this, [this, &watch, text, told = QString()]() mutable {
        if (!watch.path().isEmpty())
            m_messages->showMessage(MessageBar::Kind::Info, text(watch.path()));
        else if (m_messages->text() == told)
            m_messages->dismiss();
        told = text(watch.path());
    });
    connect(m_messages, &MessageBar::dismissed, &watch, [this, &watch, text] {
        if (m_messages->text() == text(watch.path()))
            watch.stop();
    });
}

void Page::setContent(QWidget *content) { m_layout->addWidget(content, 1); }

} // namespace headkv
