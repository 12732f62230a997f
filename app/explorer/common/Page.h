// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/FolderExport.h"

#include <QWidget>
#include <functional>

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
    /// How much a report has of all that it will have, and of what: "cases".
    struct Standing
    {
        std::size_t done = 0, all = 0;
        QString noun;
    };
    /// Says on top of the page what is watched and how far it is, and when it is complete; closing the message ends it.
    void tellOf(ReportWatch &watch, const std::function<Standing()> &standing);

private:
    QVBoxLayout *m_layout;
    MessageBar *m_messages;
};

} // namespace headkv
