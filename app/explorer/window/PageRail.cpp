// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/PageRail.h"

#include "widgets/theme/Theme.h"

#include <QAction>
#include <QToolButton>
#include <QVBoxLayout>

namespace headkv {

PageRail::PageRail(const QList<QAction *> &pages, QWidget *parent)
    : QFrame(parent)
{
    setAccessibleName(tr("Pages"));
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::AlternateBase);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(Theme::spacing / 2, Theme::spacing, Theme::spacing / 2, Theme::spacing);
    layout->setSpacing(Theme::spacing / 2);
    for (QAction *page : pages) {
        auto *button = new QToolButton(this);
        button->setDefaultAction(page);
        button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
        button->setIconSize({24, 24});
        button->setAutoRaise(true);
        button->setFixedSize(72, 60);
        button->setFocusPolicy(Qt::TabFocus);
        QString name = page->text();
        button->setAccessibleName(name.remove(QLatin1Char('&')));
        button->setToolTip(QStringLiteral("%1 (%2)").arg(name, page->shortcut().toString(QKeySequence::NativeText)));
        layout->addWidget(button);
    }
    layout->addStretch();
}

} // namespace headkv
