// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/controls/MessageBar.h"

#include "widgets/theme/ChartStyle.h"
#include "widgets/theme/Icons.h"
#include "widgets/theme/Theme.h"

#include <QAccessible>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace headkv {

namespace {

struct Look
{
    const char *icon;
    const char *light; ///< of icon and edge
    const char *dark;
};

const Look &lookOf(MessageBar::Kind kind)
{
    static constexpr Look looks[] = {
        {"info", "#0b62c4", "#6db3ff"}, {"warning", "#8f5a00", "#f0b429"}, {"error", "#b3261e", "#ff8a80"}};
    return looks[static_cast<int>(kind)];
}

QColor edgeColor(MessageBar::Kind kind, const QPalette &palette)
{
    return QColor(QLatin1String(isDark(palette) ? lookOf(kind).dark : lookOf(kind).light));
}

} // namespace

MessageBar::MessageBar(QWidget *parent)
    : QFrame(parent)
    , m_icon(new QLabel(this))
    , m_text(new QLabel(this))
    , m_action(new QPushButton(this))
    , m_second(new QPushButton(this))
    , m_close(new QToolButton(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * Theme::spacing, Theme::spacing, Theme::spacing, Theme::spacing);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(m_icon, 0, Qt::AlignVCenter);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_action);
    layout->addWidget(m_second);
    layout->addWidget(m_close, 0, Qt::AlignVCenter);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_close->setAutoRaise(true);
    m_close->setToolTip(tr("Close this message"));
    m_close->setAccessibleName(tr("Close this message"));
    m_action->hide();
    m_second->hide();
    connect(m_close, &QToolButton::clicked, this, &MessageBar::dismiss);
    connect(m_action, &QPushButton::clicked, this, &MessageBar::actionTriggered);
    connect(m_second, &QPushButton::clicked, this, &MessageBar::secondActionTriggered);
    hide();
}

void MessageBar::showMessage(Kind kind, const QString &text, const QString &actionText, const QString &secondText)
{
    m_kind = kind;
    updateText(text);
    m_action->setText(actionText);
    m_action->setVisible(!actionText.isEmpty());
    m_second->setText(secondText);
    m_second->setVisible(!secondText.isEmpty());
    restyle();
    show();
    QAccessibleEvent alert(this, QAccessible::Alert); // a screen reader says it without the focus moving
    QAccessible::updateAccessibility(&alert);
}

void MessageBar::updateText(const QString &text)
{
    m_text->setText(text);
    setAccessibleName(text);
}

QString MessageBar::text() const { return m_text->text(); }

void MessageBar::dismiss()
{
    if (!isHidden()) {
        hide();
        Q_EMIT dismissed();
    }
}

void MessageBar::restyle()
{
    constexpr int iconSize = 18;
    m_icon->setPixmap(coloredIcon(QLatin1String(lookOf(m_kind).icon), edgeColor(m_kind, palette()))
                          .pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
    m_close->setIcon(themedIcon(QStringLiteral("close")));
    update();
}

void MessageBar::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        restyle();
    }
}

void MessageBar::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor edge = edgeColor(m_kind, palette());
    QColor fill = edge;
    fill.setAlphaF(isDark(palette()) ? 0.14F : 0.08F);
    const QRectF box = QRectF(contentsRect()).adjusted(0.5, 0.5, -0.5, -0.5);
    QColor border = edge;
    border.setAlphaF(0.45F);
    painter.setPen(border);
    painter.setBrush(fill);
    painter.drawRoundedRect(box, 6, 6);
    painter.setPen(Qt::NoPen);
    painter.setBrush(edge);
    painter.drawRoundedRect(QRectF(box.left(), box.top(), 4, box.height()), 2, 2);
}

void MessageBar::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape) {
        dismiss();
        return;
    }
    QFrame::keyPressEvent(event);
}

} // namespace headkv
