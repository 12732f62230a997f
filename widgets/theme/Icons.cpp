// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/Icons.h"

#include "widgets/theme/Resources.h"

#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QSvgRenderer>

namespace headkv {

namespace {

const QString iconFolder = QStringLiteral(":/headkv/icons/");

/// Paints an SVG whose colour is written as "currentColor" in a colour of the palette.
class LineIconEngine : public QIconEngine
{
public:
    LineIconEngine(QByteArray svg, const QColor &color)
        : m_svg(std::move(svg))
        , m_color(color)
    {}

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State /*state*/) override
    {
        QByteArray svg = m_svg;
        svg.replace("currentColor", colorFor(mode).name().toLatin1());
        QSvgRenderer renderer(svg);
        const int side = std::min(rect.width(), rect.height());
        QRect square(0, 0, side, side);
        square.moveCenter(rect.center());
        renderer.render(painter, square);
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    [[nodiscard]] QIconEngine *clone() const override { return new LineIconEngine(*this); }
    QString key() const override { return QStringLiteral("headkv-line"); }

private:
    [[nodiscard]] QColor colorFor(QIcon::Mode mode) const
    {
        const QPalette palette = QGuiApplication::palette();
        if (mode == QIcon::Disabled) {
            return palette.color(QPalette::Disabled, QPalette::WindowText);
        }
        if (m_color.isValid()) {
            return m_color;
        }
        return palette.color(mode == QIcon::Selected ? QPalette::HighlightedText : QPalette::WindowText);
    }

    QByteArray m_svg;
    QColor m_color;
};

} // namespace

QIcon themedIcon(const QString &name) { return coloredIcon(name, QColor()); }

QIcon coloredIcon(const QString &name, const QColor &color)
{
    initWidgetResources();
    QFile file(iconFolder + name + QStringLiteral(".svg"));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    return QIcon(new LineIconEngine(file.readAll(), color));
}

QStringList iconNames()
{
    initWidgetResources();
    QStringList names = QDir(iconFolder).entryList({QStringLiteral("*.svg")}, QDir::Files, QDir::Name);
    for (QString &name : names) {
        name.chop(4);
    }
    return names;
}

} // namespace headkv
