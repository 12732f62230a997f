// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/Page.h"

#include "sessions/ReportWatch.h"
#include "widgets/Formats.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Theme.h"

#include <QVBoxLayout>
#include <memory>

namespace headkv {

namespace {

/// The hour tells whether anybody still adds to it.
QString timeText(const QDateTime &time)
{
    const bool today = time.date() == QDate::currentDate();
    return time.toString(today ? QStringLiteral("HH:mm:ss") : QStringLiteral("yyyy-MM-dd HH:mm"));
}

} // namespace

Page::Page(QWidget *parent)
    : QWidget(parent)
    , m_layout(new QVBoxLayout(this))
    , m_messages(new MessageBar(this))
{
    m_layout->setContentsMargins(2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing, Theme::spacing);
    m_layout->setSpacing(Theme::spacing);
    m_layout->addWidget(m_messages);
}

void Page::tellOf(ReportWatch &watch, const std::function<Standing()> &standing)
{
    const auto told = std::make_shared<QString>(); // what the bar says of it; null: nothing
    const auto isTold = [this, told] { return !told->isNull() && m_messages->text() == *told; };
    connect(&watch, &ReportWatch::changed, this, [this, &watch, standing, told, isTold] {
        const Standing now = standing();
        const QString all = formatCount(static_cast<qint64>(now.all));
        if (watch.path().isEmpty()) {
            if (isTold() && now.done == now.all)
                m_messages->showMessage(MessageBar::Kind::Info,
                                        tr("The report is complete: %1 %2.").arg(all, now.noun));
            else if (isTold())
                m_messages->dismiss();
            *told = QString();
            return;
        }
        const QString text =
            tr("Watching %1: %2 of %3 %4, the last at %5. Close this message to watch no longer.")
                .arg(watch.path(), formatCount(static_cast<qint64>(now.done)), all, now.noun, timeText(watch.grown()));
        if (told->isNull())
            m_messages->showMessage(MessageBar::Kind::Info, text);
        else if (isTold()) // another message stays
            m_messages->updateText(text);
        *told = text;
    });
    connect(m_messages, &MessageBar::dismissed, &watch, [&watch, isTold] {
        if (isTold())
            watch.stop();
    });
}

void Page::setContent(QWidget *content) { m_layout->addWidget(content, 1); }

} // namespace headkv
