// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/export/SvgText.h"

#include <QFont>
#include <QPainterPath>
#include <QRegularExpression>

namespace headkv {

namespace {

QString attribute(const QString &element, const QString &name)
{
    const QString begin = QLatin1Char(' ') + name + QStringLiteral("=\"");
    const qsizetype from = element.indexOf(begin);
    if (from < 0) {
        return {};
    }
    const qsizetype value = from + begin.size();
    return element.mid(value, element.indexOf(QLatin1Char('"'), value) - value);
}

QString unescaped(QString text)
{
    return text.replace(QLatin1String("&lt;"), QLatin1String("<"))
        .replace(QLatin1String("&gt;"), QLatin1String(">"))
        .replace(QLatin1String("&quot;"), QLatin1String("\""))
        .replace(QLatin1String("&amp;"), QLatin1String("&"));
}

QFont fontOf(const QString &element)
{
    QFont font(attribute(element, QStringLiteral("font-family")));
    font.setPixelSize(qMax(1, qRound(attribute(element, QStringLiteral("font-size")).toDouble())));
    const int weight = attribute(element, QStringLiteral("font-weight")).toInt();
    font.setWeight(static_cast<QFont::Weight>(qBound(1, weight, 1000)));
    font.setItalic(attribute(element, QStringLiteral("font-style")) == QLatin1String("italic"));
    return font;
}

/// The path as SVG's d: M, L and C with two decimals.
QString shape(const QPainterPath &path)
{
    QString d;
    const auto point = [&d](const QPainterPath::Element &element) {
        d += QString::number(qRound(element.x * 100) / 100.0) + QLatin1Char(',') +
             QString::number(qRound(element.y * 100) / 100.0) + QLatin1Char(' ');
    };
    for (int i = 0; i < path.elementCount(); ++i) {
        const QPainterPath::Element element = path.elementAt(i);
        if (element.isMoveTo()) {
            d += QLatin1Char('M');
        } else if (element.isLineTo()) {
            d += QLatin1Char('L');
        } else if (element.isCurveTo()) {
            d += QLatin1Char('C');
        }
        point(element);
    }
    return d.trimmed();
}

QString textAsShape(const QString &element, const QString &text)
{
    QPainterPath path;
    path.addText(attribute(element, QStringLiteral("x")).toDouble(), attribute(element, QStringLiteral("y")).toDouble(),
                 fontOf(element), unescaped(text));
    return QStringLiteral("<path fill=\"%1\" fill-opacity=\"%2\" stroke=\"none\" fill-rule=\"nonzero\" "
                          "aria-label=\"%3\" d=\"%4\"/>")
        .arg(attribute(element, QStringLiteral("fill")), attribute(element, QStringLiteral("fill-opacity")), text,
             shape(path));
}

} // namespace

QByteArray svgTextAsShapes(const QByteArray &svg)
{
    static const QRegularExpression form(QStringLiteral("<text([^>]*)>([^<]*)</text>"));
    const QString before = QString::fromUtf8(svg);
    QString after;
    qsizetype copied = 0;
    for (auto matches = form.globalMatch(before); matches.hasNext();) {
        const QRegularExpressionMatch match = matches.next();
        after += QStringView(before).mid(copied, match.capturedStart() - copied);
        after += textAsShape(match.captured(1), match.captured(2));
        copied = match.capturedEnd();
    }
    return (after + before.mid(copied)).toUtf8();
}

} // namespace headkv
