// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QList>

class QAction;

namespace headkv {

/// The pages at the left of the window: an icon and a name each.
class PageRail : public QFrame
{
    Q_OBJECT

public:
    explicit PageRail(const QList<QAction *> &pages, QWidget *parent = nullptr);
};

} // namespace headkv
