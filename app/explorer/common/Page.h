// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/FolderExport.h"

#include <QWidget>

class QVBoxLayout;

namespace headkv {

class Chart;
class MessageBar;
class ReportWatch;

/// A page of the window: a message bar on top of what the page shows.
class Page : public QWidget
{
    Q_OBJECT

public:
    explicit Page(QWidget *parent = nullptr);

    [[nodiscard]] MessageBar *messages() const { return m_messages; }
    /// The figure that File > Export… writes; null: the page has none now.
    [[nodiscard]] virtual Chart *exportChart() const { return nullptr; }

    /// All that it shows, brought up to date, also where it is not looked at.
    [[nodiscard]] virtual ExportItems exportItems() { return {}; }

protected:
    /// Puts a widget below the message bar; it takes the room there is.
    void setContent(QWidget *content);
    /// Says on top of the page what is watched, while it is; closing the message ends it.
    void tellOf(ReportWatch &watch);

private:
    QVBoxLayout *m_layout;
    MessageBar *m_messages;
};

} // namespace headkv
