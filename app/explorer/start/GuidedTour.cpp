// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/start/GuidedTour.h"

#include "app/explorer/common/FormHelpers.h"
#include "widgets/theme/Theme.h"

#include <QAccessible>
#include <QEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <utility>

namespace headkv {

namespace {

constexpr int cardWidth = 340;
constexpr int gap = 12;   ///< between what is pointed at and the card
constexpr int around = 4; ///< of what is pointed at
constexpr int corner = 8;

} // namespace

GuidedTour::GuidedTour(std::vector<TourStop> stops, QWidget &window)
    : QWidget(&window)
    , m_stops(std::move(stops))
    , m_card(new QFrame(this))
    , m_title(heading({}))
    , m_text(new QLabel)
    , m_count(new QLabel)
    , m_back(iconButton({}, tr("&Back"), tr("The stop before (Left)")))
    , m_next(iconButton({}, tr("&Next"), tr("The next stop (Right)")))
    , m_skip(iconButton({}, tr("&Skip"), tr("End the tour (Escape)")))
{
    setAccessibleName(tr("Guided tour"));
    build();
    window.installEventFilter(this);
    for (QPushButton *button : {m_back, m_next, m_skip})
        button->installEventFilter(this);
    connect(m_back, &QPushButton::clicked, this, &GuidedTour::back);
    connect(m_next, &QPushButton::clicked, this, &GuidedTour::next);
    connect(m_skip, &QPushButton::clicked, this, &GuidedTour::leave);
}

void GuidedTour::build()
{
    m_card->setAutoFillBackground(true);
    m_card->setFrameShape(QFrame::StyledPanel);
    m_card->setFixedWidth(cardWidth);
    m_text->setWordWrap(true);
    m_title->setWordWrap(true);
    m_count->setForegroundRole(QPalette::PlaceholderText);
    m_next->setDefault(true);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(Theme::spacing);
    buttons->addWidget(m_count, 1);
    for (QPushButton *button : {m_skip, m_back, m_next})
        buttons->addWidget(button);
    auto *layout = new QVBoxLayout(m_card);
    layout->setContentsMargins(2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(m_title);
    layout->addWidget(m_text);
    layout->addSpacing(Theme::spacing / 2);
    layout->addLayout(buttons);
}

QString GuidedTour::title() const { return m_title->text(); }

void GuidedTour::stopAt(std::size_t stop)
{
    m_current = stop;
    const TourStop &at = m_stops[stop];
    if (!at.page.isEmpty())
        Q_EMIT pageWanted(at.page);
    m_title->setText(at.title);
    m_text->setText(at.text);
    m_count->setText(tr("%1 of %2").arg(stop + 1).arg(m_stops.size()));
    m_back->setEnabled(stop > 0);
    const bool last = stop + 1 == m_stops.size();
    m_next->setText(last ? tr("&Done") : tr("&Next"));
    m_skip->setVisible(!last);
    show();
    raise();
    m_next->setFocus();
    place();
    for (const int later : {0, 100}) // once the page has its layout
        QTimer::singleShot(later, this, &GuidedTour::place);
    m_card->setAccessibleName(at.title + QStringLiteral(". ") + at.text);
    QAccessibleEvent alert(m_card, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void GuidedTour::next()
{
    if (m_current + 1 < m_stops.size())
        stopAt(m_current + 1);
    else
        leave();
}

void GuidedTour::back()
{
    if (m_current > 0)
        stopAt(m_current - 1);
}

void GuidedTour::leave()
{
    hide();
    deleteLater();
}

QRect GuidedTour::pointed() const
{
    const auto &find = m_stops[m_current].target;
    const QWidget *target = find ? find() : nullptr;
    if (!target || !target->isVisible())
        return {};
    const QRect whole(target->mapTo(parentWidget(), QPoint()), target->size());
    return whole.adjusted(-around, -around, around, around) & parentWidget()->rect();
}

/// Beside what it tells of, where it hides nothing of that; else in the middle of it.
void GuidedTour::place()
{
    setGeometry(parentWidget()->rect());
    m_card->adjustSize();
    const QRect hole = pointed();
    const QSize size = m_card->size();
    const QRect room = rect().adjusted(gap, gap, -gap, -gap);
    const int x = std::clamp(hole.center().x() - size.width() / 2, room.left(), room.right() - size.width());
    const int y = std::clamp(hole.center().y() - size.height() / 2, room.top(), room.bottom() - size.height());
    QPoint at = room.center() - QRect(QPoint(), size).center();
    if (!hole.isEmpty()) {
        const std::array places{QPoint(hole.right() + gap, y), QPoint(hole.left() - gap - size.width(), y),
                                QPoint(x, hole.bottom() + gap), QPoint(x, hole.top() - gap - size.height())};
        const auto fits = std::ranges::find_if(places, [&](QPoint place) { return room.contains({place, size}); });
        at = fits != places.end() ? *fits : hole.center() - QRect(QPoint(), size).center();
    }
    m_card->move(at);
    update();
}

bool GuidedTour::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress && watched != parentWidget()) // buttons use arrows themselves
        return press(static_cast<QKeyEvent *>(event)->key());
    if (watched == parentWidget() && (event->type() == QEvent::Resize || event->type() == QEvent::LayoutRequest))
        QTimer::singleShot(0, this, &GuidedTour::place);
    return QWidget::eventFilter(watched, event);
}

bool GuidedTour::press(int key)
{
    if (key == Qt::Key_Escape)
        leave();
    else if (key == Qt::Key_Right)
        next();
    else if (key == Qt::Key_Left)
        back();
    else
        return false;
    return true;
}

void GuidedTour::paintEvent(QPaintEvent * /*event*/)
{
    QPainterPath dark;
    dark.addRect(rect());
    const QRect hole = pointed();
    if (!hole.isEmpty()) {
        QPainterPath light;
        light.addRoundedRect(hole, corner, corner);
        dark -= light;
    }
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillPath(dark, QColor(0, 0, 0, 110));
    painter.setPen(palette().color(QPalette::Mid)); // the card's edge, on dark as on light
    painter.drawRect(m_card->geometry().adjusted(-1, -1, 0, 0));
    if (!hole.isEmpty()) {
        painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
        painter.drawRoundedRect(hole, corner, corner);
    }
}

bool GuidedTour::focusNextPrevChild(bool next)
{
    std::vector<QPushButton *> buttons;
    for (QPushButton *button : {m_skip, m_back, m_next}) {
        if (button->isEnabled() && button->isVisible())
            buttons.push_back(button);
    }
    if (buttons.empty()) // it is over
        return QWidget::focusNextPrevChild(next);
    const auto own = std::ranges::find(buttons, focusWidget());
    const std::size_t at = own != buttons.end() ? static_cast<std::size_t>(own - buttons.begin()) : 0;
    buttons[(at + (next ? 1 : buttons.size() - 1)) % buttons.size()]->setFocus(Qt::TabFocusReason);
    return true;
}

} // namespace headkv
