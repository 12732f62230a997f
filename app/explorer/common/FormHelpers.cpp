// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/FormHelpers.h"

#include "widgets/theme/Icons.h"
#include "widgets/theme/Theme.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

namespace {

class WindowUndo : public QObject
{
public:
    using QObject::QObject;
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::ShortcutOverride) {
            const auto *key = static_cast<QKeyEvent *>(event);
            if (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo)) {
                event->ignore();
                return true;
            }
        }
        return QObject::eventFilter(watched, event);
    }
};

} // namespace

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

void addGridRows(QFormLayout *form, QLineEdit *lengths, QLineEdit *depths)
{
    form->addRow(
        labelFor(lengths, QObject::tr("&Lengths"),
                 QObject::tr("Tokens of haystack and needle: 512, 1024 for these; 4x2048 for four evenly up to 2048")),
        lengths);
    form->addRow(labelFor(depths, QObject::tr("D&epths"),
                          QObject::tr("Where the needle lies, 0 the start and 1 the end: 5 for as many evenly; 0, 0.5, "
                                      "1 for these")),
                 depths);
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
    // Where there is a scroll bar, a gap before it, and room for both; else the controls end where the buttons below
    // do.
    QScrollBar *bar = scroll->verticalScrollBar();
    QObject::connect(bar, &QScrollBar::rangeChanged, content, [=](int least, int most) {
        const int gap = most > least ? Theme::spacing : 0, barWidth = most > least ? bar->sizeHint().width() : 0;
        content->layout()->setContentsMargins(0, 0, gap, 0);
        const int needed = content->layout()->minimumSize().width() + barWidth;
        scroll->setMinimumWidth(std::max(scroll->minimumWidth(), needed));
    });
    return scroll;
}

QWidget *settingsColumn(QWidget *settings, QLabel *note, const std::vector<QPushButton *> &buttons)
{
    constexpr int least = 322;
    QScrollArea *area = scrolled(settings);
    area->setMinimumWidth(least);
    note->setWordWrap(true);
    note->setMinimumHeight(2 * note->fontMetrics().lineSpacing());
    buttons.front()->setDefault(true);
    buttons.front()->setIcon({}); // the line icons take the text's colour, which does not show on a default button
    auto *row = new QHBoxLayout;
    row->setSpacing(Theme::spacing);
    for (QPushButton *button : buttons)
        row->addWidget(button, 1);
    auto *column = new QWidget;
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, Theme::spacing, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(area, 1);
    layout->addWidget(note);
    layout->addLayout(row);
    return column;
}

QString textOf(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

void useWindowUndo(QWidget *field) { field->installEventFilter(new WindowUndo(field)); }

void setRunnable(QWidget *control, const QString &why, const QString &tip)
{
    control->setEnabled(why.isEmpty());
    control->setToolTip(why.isEmpty() ? tip : why);
}

} // namespace headkv
