// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/TokenView.h"

#include "core/base/Error.h"
#include "widgets/Formats.h"
#include "widgets/theme/ChartStyle.h"

#include <QAccessible>
#include <QClipboard>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace headkv {

namespace {

constexpr int margin = 8;
constexpr double leastContrast = 4.6; // of text on its shade; a little above what WCAG asks for

/// A newline's mark may hang over the end of a full line.
int hangingRoom(const QFontMetrics &metrics) { return metrics.horizontalAdvance(QChar(0x21B5)) + 2; }

} // namespace

TokenTint::TokenTint(const QPalette &palette)
{
    const QColor base = palette.color(QPalette::Base);
    const QColor text = palette.color(QPalette::Text);
    const QColor strongest = isDark(palette) ? QColor("#c25a00") : QColor("#f08c00");
    double reach = 1;
    while (reach > 0 && contrastRatio(text, mixedColor(base, strongest, reach)) < leastContrast) {
        reach -= 1.0 / 64;
    }
    for (int i = 0; i < levels; ++i) {
        m_backgrounds[static_cast<std::size_t>(i)] = mixedColor(base, strongest, reach * i / (levels - 1));
    }
}

std::size_t TokenTint::index(float shade)
{
    return static_cast<std::size_t>(std::lround(std::clamp(shade, 0.0F, 1.0F) * (levels - 1)));
}

TokenView::TokenView(QWidget *parent)
    : QAbstractScrollArea(parent)
    , m_tint(palette())
{
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    viewport()->setBackgroundRole(QPalette::Base);
    viewport()->setAutoFillBackground(true);
    viewport()->setCursor(Qt::IBeamCursor);
    setAccessibleName(tr("Prompt by token"));
    setTokens({});
}

TokenView::~TokenView() = default;

QSize TokenView::sizeHint() const { return {480, 240}; }

void TokenView::setTokens(const QStringList &pieces)
{
    m_pieces = pieces;
    m_shades.clear();
    m_markBegin = m_markEnd = 0;
    m_selectionBegin = m_selectionEnd = 0;
    m_anchor = m_current = -1;
    hover(-1);
    m_layout.setTokens(pieces, font());
    layOut();
    verticalScrollBar()->setValue(0);
    setAccessibleDescription(
        pieces.isEmpty() ? m_placeholder
                         : tr("%1 tokens; left and right arrow go through them").arg(formatCount(pieces.size())));
}

void TokenView::setShades(std::vector<float> shades)
{
    if (!shades.empty() && shades.size() != static_cast<std::size_t>(tokenCount())) {
        throw Error(ErrorKind::Input, "token view: " + std::to_string(shades.size()) + " shades for " +
                                          std::to_string(tokenCount()) + " tokens: give one a token");
    }
    m_shades = std::move(shades);
    viewport()->update();
}

void TokenView::setMark(int begin, int end)
{
    m_markBegin = begin;
    m_markEnd = end;
    viewport()->update();
}

void TokenView::setToolTipProvider(std::function<QString(int)> provider) { m_toolTip = std::move(provider); }

void TokenView::setPlaceholderText(const QString &text)
{
    m_placeholder = text;
    if (m_pieces.isEmpty()) {
        setAccessibleDescription(text);
    }
    viewport()->update();
}

int TokenView::lineHeight() const
{
    const QFontMetrics metrics(font());
    return metrics.height() + std::max(3, metrics.height() / 4);
}

void TokenView::layOut()
{
    const int width = viewport()->width() - 2 * margin - hangingRoom(QFontMetrics(font()));
    m_layout.layOut(static_cast<float>(width));
    updateScrollBar();
    viewport()->update();
}

void TokenView::updateScrollBar()
{
    QScrollBar *bar = verticalScrollBar();
    bar->setSingleStep(lineHeight());
    bar->setPageStep(std::max(lineHeight(), viewport()->height() - lineHeight()));
    bar->setRange(0, std::max(0, m_layout.lineCount() * lineHeight() + 2 * margin - viewport()->height()));
}

void TokenView::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    if (event->size().width() == event->oldSize().width()) {
        updateScrollBar();
        return;
    }
    // What stood on top stays there.
    const int line = std::clamp(lineAt(0), 0, std::max(0, m_layout.lineCount() - 1));
    const bool scrolled = verticalScrollBar()->value() > 0 && m_layout.lineCount() > 0;
    const int begin = scrolled ? m_layout.lineBegin(line) : 0;
    const bool known = begin < static_cast<int>(m_layout.fragments().size());
    const int token = scrolled && known ? m_layout.fragments()[static_cast<std::size_t>(begin)].token : -1;
    layOut();
    if (token >= 0) {
        verticalScrollBar()->setValue(margin + m_layout.lineOf(token) * lineHeight());
    }
}

void TokenView::changeEvent(QEvent *event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_tint = TokenTint(palette());
        viewport()->update();
    } else if (event->type() == QEvent::FontChange) {
        m_layout.setFont(font());
        layOut();
    }
}

int TokenView::lineAt(int y) const
{
    return static_cast<int>(std::floor(static_cast<double>(y + verticalScrollBar()->value() - margin) / lineHeight()));
}

int TokenView::tokenAt(const QPoint &position) const
{
    return m_layout.tokenAt(lineAt(position.y()), static_cast<float>(position.x() - margin));
}

QRect TokenView::tokenRect(int token) const
{
    const int index = m_layout.fragmentOf(token);
    const bool known = token >= 0 && token < tokenCount() && index < static_cast<int>(m_layout.fragments().size());
    if (!known) {
        return {};
    }
    const TokenLayout::Fragment &fragment = m_layout.fragments()[static_cast<std::size_t>(index)];
    const int top = margin + m_layout.lineOf(token) * lineHeight() - verticalScrollBar()->value();
    return QRectF(margin + static_cast<double>(fragment.x), top, static_cast<double>(fragment.width), lineHeight())
        .toAlignedRect();
}

void TokenView::scrollToToken(int token)
{
    const QRect box = tokenRect(token);
    if (box.isNull()) {
        return;
    }
    QScrollBar *bar = verticalScrollBar();
    const int away = std::max(lineHeight(), viewport()->height() / 3);
    if (box.top() < 0 || box.bottom() > viewport()->height()) {
        bar->setValue(bar->value() + box.top() - away);
    }
}

void TokenView::paintBackground(QPainter &painter, const TokenLayout::Fragment &fragment, const QRectF &box) const
{
    if (isSelected(fragment.token)) {
        painter.fillRect(box, palette().color(QPalette::Highlight));
        return;
    }
    const float shade =
        m_shades.empty() ? std::numeric_limits<float>::quiet_NaN() : m_shades[static_cast<std::size_t>(fragment.token)];
    if (!std::isnan(shade) && shade > 0) {
        painter.fillRect(box, m_tint.background(shade));
    }
}

void TokenView::paintFragment(QPainter &painter, const TokenLayout::Fragment &fragment, const QRectF &box) const
{
    const TokenLayout::Part &part = m_layout.part(fragment);
    if (!part.blank) {
        QColor color = palette().color(isSelected(fragment.token) ? QPalette::HighlightedText : QPalette::Text);
        const float shade = m_shades.empty() ? 0 : m_shades[static_cast<std::size_t>(fragment.token)];
        // On a shade, the quiet colour would be too quiet.
        if (part.quiet && !isSelected(fragment.token) && !(shade > 0)) {
            color = palette().color(QPalette::PlaceholderText);
        }
        painter.setPen(color);
        const QPointF at(box.left(), box.top() + (box.height() - QFontMetricsF(font()).height()) / 2);
        const bool whole = fragment.length == part.text.size();
        if (whole) {
            painter.drawStaticText(at, part.drawn);
        } else {
            painter.drawText(at + QPointF(0, QFontMetricsF(font()).ascent()), m_layout.shownText(fragment));
        }
    }
    if (fragment.token >= m_markBegin && fragment.token < m_markEnd) {
        const QColor line = palette().color(isSelected(fragment.token) ? QPalette::HighlightedText : QPalette::Link);
        painter.fillRect(QRectF(box.left(), box.bottom() - 2.5, box.width(), 2), line);
    }
    if (fragment.token == m_current && hasFocus()) {
        painter.setPen(QPen(palette().color(QPalette::Highlight), 1.5));
        painter.drawRect(box.adjusted(0, 0.75, -0.75, -0.75));
    }
}

void TokenView::paintLine(QPainter &painter, int line, double top) const
{
    const auto boxOf = [&](const TokenLayout::Fragment &fragment) {
        // Whole pixels: no seams between the shades.
        const double left = std::round(margin + static_cast<double>(fragment.x));
        const double right = std::round(margin + static_cast<double>(fragment.x + fragment.width));
        return QRectF(left, top, right - left, lineHeight() - 1);
    };
    for (const bool background : {true, false}) {
        for (int i = m_layout.lineBegin(line); i < m_layout.lineEnd(line); ++i) {
            const TokenLayout::Fragment &fragment = m_layout.fragments()[static_cast<std::size_t>(i)];
            if (background) {
                paintBackground(painter, fragment, boxOf(fragment));
            } else {
                paintFragment(painter, fragment, boxOf(fragment));
            }
        }
    }
}

void TokenView::paintEvent(QPaintEvent *event)
{
    QPainter painter(viewport());
    painter.setFont(font());
    if (m_pieces.isEmpty()) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(viewport()->rect().adjusted(margin, margin, -margin, -margin), Qt::TextWordWrap,
                         m_placeholder);
        return;
    }
    const int first = std::max(0, lineAt(event->rect().top()));
    const int last = std::min(m_layout.lineCount() - 1, lineAt(event->rect().bottom()));
    for (int line = first; line <= last; ++line) {
        paintLine(painter, line, margin + line * lineHeight() - verticalScrollBar()->value());
    }
}

void TokenView::hover(int token)
{
    if (token != m_hovered) {
        m_hovered = token;
        Q_EMIT tokenHovered(token);
    }
}

bool TokenView::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::Leave) {
        hover(-1);
    } else if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const int token = tokenAt(help->pos());
        const QString text = token >= 0 && m_toolTip ? m_toolTip(token) : QString();
        QToolTip::showText(help->globalPos(), text, viewport(), token >= 0 ? tokenRect(token) : QRect());
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void TokenView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton) {
        m_anchor = tokenAt(event->pos());
        m_current = -1;
        selectTokens(0, 0);
    }
}

void TokenView::mouseMoveEvent(QMouseEvent *event)
{
    const int token = tokenAt(event->pos());
    hover(token);
    if (event->buttons().testFlag(Qt::LeftButton) && m_anchor >= 0 && token >= 0) {
        const bool moved = token != m_anchor || m_selectionEnd > m_selectionBegin;
        if (moved) {
            selectTokens(std::min(token, m_anchor), std::max(token, m_anchor) + 1);
        }
        const int y = event->pos().y();
        if (y < 0 || y > viewport()->height()) {
            verticalScrollBar()->triggerAction(y < 0 ? QScrollBar::SliderSingleStepSub
                                                     : QScrollBar::SliderSingleStepAdd);
        }
    }
}

void TokenView::selectTokens(int begin, int end)
{
    m_selectionBegin = std::max(0, begin);
    m_selectionEnd = std::min(end, tokenCount());
    viewport()->update();
}

QString TokenView::selectedText() const
{
    const bool selected = m_selectionEnd > m_selectionBegin;
    const QStringList chosen = selected ? m_pieces.mid(m_selectionBegin, m_selectionEnd - m_selectionBegin) : m_pieces;
    return chosen.join(QString());
}

void TokenView::copy() const { QGuiApplication::clipboard()->setText(selectedText()); }

void TokenView::moveCurrent(int step)
{
    if (tokenCount() == 0) {
        return;
    }
    const int top = m_layout.tokenAt(std::max(0, lineAt(lineHeight())), 0);
    m_current = m_current < 0 ? std::max(0, top) : std::clamp(m_current + step, 0, tokenCount() - 1);
    scrollToToken(m_current);
    hover(m_current);
    const QString tip = m_toolTip ? m_toolTip(m_current) : QString();
    setAccessibleDescription(tip.isEmpty() ? m_pieces[m_current] : tip);
    QAccessibleEvent event(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
    if (!tip.isEmpty()) {
        const QRect box = tokenRect(m_current);
        QToolTip::showText(viewport()->mapToGlobal(box.bottomLeft()), tip, viewport(), box);
    }
    viewport()->update();
}

void TokenView::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy)) {
        copy();
    } else if (event->matches(QKeySequence::SelectAll)) {
        selectTokens(0, tokenCount());
    } else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        moveCurrent(event->key() == Qt::Key_Left ? -1 : 1);
    } else if (event->key() == Qt::Key_Home) {
        verticalScrollBar()->triggerAction(QScrollBar::SliderToMinimum);
    } else if (event->key() == Qt::Key_End) {
        verticalScrollBar()->triggerAction(QScrollBar::SliderToMaximum);
    } else {
        QAbstractScrollArea::keyPressEvent(event); // up, down, pages
    }
}

void TokenView::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu menu(this);
    menu.addAction(tr("Copy"), this, &TokenView::copy)->setEnabled(tokenCount() > 0);
    menu.addAction(tr("Select all"), this, [this] { selectTokens(0, tokenCount()); })->setEnabled(tokenCount() > 0);
    menu.exec(event->globalPos());
}

void TokenView::focusInEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void TokenView::focusOutEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

} // namespace headkv
