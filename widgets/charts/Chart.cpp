// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/Chart.h"

#include <QAccessible>
#include <QContextMenuEvent>
#include <QEvent>
#include <QMenu>

namespace headkv {

Chart::Chart(QWidget *parent)
    : QWidget(parent)
    , m_style(ChartStyle::fromPalette(QWidget::palette()))
{
    setFocusPolicy(Qt::StrongFocus);
}

Chart::~Chart() = default;

void Chart::setTitle(const QString &title)
{
    if (m_title == title) {
        return;
    }
    m_title = title;
    titleChanged();
}

QSize Chart::figureSize() const { return {720, 432}; }

QSize Chart::leastFigureSize() const { return {280, std::min(figureSize().height(), 270)}; }

void Chart::paint(QPaintDevice &device, const QSize &size, double scale, const ChartStyle &style, bool vectors) const
{
    const std::unique_ptr<Chart> copy = clone();
    copy->setAttribute(Qt::WA_DontShowOnScreen);
    copy->resize(size);
    copy->setChartStyle(style);
    copy->paintFigure(device, size, scale, vectors);
}

void Chart::setChartStyle(const std::optional<ChartStyle> &style)
{
    m_styleFixed = style.has_value();
    m_style = style.value_or(ChartStyle::fromPalette(palette()));
    restyle();
}

void Chart::announce(const QString &text)
{
    setAccessibleDescription(text);
    QAccessibleEvent event(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
}

void Chart::copyBasicsTo(Chart &other) const
{
    other.setTitle(m_title);
    other.setAccessibleName(accessibleName());
}

void Chart::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    const bool look = event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange;
    if (look && !m_styleFixed) {
        m_style = ChartStyle::fromPalette(palette());
        restyle();
    }
}

void Chart::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu menu(this);
    menu.addAction(tr("Copy figure"), this, &Chart::copyRequested)->setEnabled(!isEmpty());
    menu.addAction(tr("Export figure…"), this, &Chart::exportRequested)->setEnabled(!isEmpty());
    menu.exec(event->globalPos());
}

} // namespace headkv
