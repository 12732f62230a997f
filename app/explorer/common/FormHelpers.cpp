// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/FormHelpers.h"

#include "widgets/theme/Icons.h"

#include <QLabel>
#include <QPushButton>
#include <QScrollArea>

namespace headkv {

QLabel *labelFor(QWidget *control, const QString &text, const QString &tip)
{
    auto *label = new QLabel(text);
    label->setBuddy(control);
    label->setToolTip(tip);
    QString name = text;
    control->setAccessibleName(name.remove(QLatin1Char('&')));
    control->setToolTip(tip);
    return label;
}

QLabel *heading(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    QFont font = label->font();
    font.setBold(true);
    label->setFont(font);
    return label;
}

QPushButton *iconButton(const QString &icon, const QString &text, const QString &tip, QWidget *parent)
{
    auto *button = new QPushButton(themedIcon(icon), text, parent);
    QString name = text;
    button->setAccessibleName(name.remove(QLatin1Char('&')));
    button->setToolTip(tip);
    return button;
}

QScrollArea *scrolled(QWidget *content)
{
    auto *scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus); // it follows the focus of what is in it
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    return scroll;
}

QString textOf(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

void setRunnable(QWidget *control, const QString &why, const QString &tip)
{
    control->setEnabled(why.isEmpty());
    control->setToolTip(why.isEmpty() ? tip : why);
}

} // namespace headkv
