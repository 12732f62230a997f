// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/ColorMap.h"

#include "core/base/Error.h"
#include "widgets/theme/Resources.h"

#include <QFile>
#include <QTextStream>
#include <array>
#include <cmath>
#include <qcustomplot.h>

namespace headkv {

namespace {

struct Entry
{
    ColorMap::Name name;
    const char *id;
    const char *display;
};

constexpr std::array<Entry, 4> entries{{
    {ColorMap::Name::Viridis, "viridis", "Viridis"},
    {ColorMap::Name::Cividis, "cividis", "Cividis"},
    {ColorMap::Name::Magma, "magma", "Magma"},
    {ColorMap::Name::Diverging, "diverging", "Blue–red"},
}};

std::vector<QColor> readPoints(const QString &resource)
{
    initWidgetResources();
    QFile file(resource);
    std::vector<QColor> points;
    if (file.open(QIODevice::ReadOnly | QIODevice::Text)) {
        QTextStream stream(&file);
        int red = 0;
        int green = 0;
        int blue = 0;
        while (stream >> red >> green >> blue, stream.status() == QTextStream::Ok) {
            points.emplace_back(red, green, blue);
        }
    }
    if (points.size() < 2) {
        throw Error(ErrorKind::Failed,
                    "colour map " + resource.toStdString() + " is missing from the program: build it again");
    }
    return points;
}

} // namespace

ColorMap::ColorMap(const QString &resource)
    : m_points(readPoints(resource))
    , m_table(levels + 1, qRgba(0, 0, 0, 0))
{
    const double last = static_cast<double>(m_points.size()) - 1;
    for (std::size_t i = 0; i < levels; ++i) {
        const double position = last * static_cast<double>(i) / (levels - 1);
        const auto left = std::min(static_cast<std::size_t>(position), m_points.size() - 2);
        const double fraction = position - static_cast<double>(left);
        const QColor &a = m_points[left];
        const QColor &b = m_points[left + 1];
        const auto mix = [fraction](int x, int y) { return static_cast<int>(std::lround(x + (y - x) * fraction)); };
        m_table[i] = qRgb(mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue()));
    }
}

const ColorMap &ColorMap::get(Name name)
{
    static const std::array<ColorMap, 4> maps{ColorMap(QStringLiteral(":/headkv/colormaps/viridis.txt")),
                                              ColorMap(QStringLiteral(":/headkv/colormaps/cividis.txt")),
                                              ColorMap(QStringLiteral(":/headkv/colormaps/magma.txt")),
                                              ColorMap(QStringLiteral(":/headkv/colormaps/diverging.txt"))};
    return maps[static_cast<std::size_t>(name)];
}

QString ColorMap::toString(Name name) { return QLatin1String(entries[static_cast<std::size_t>(name)].id); }
QString ColorMap::displayName(Name name) { return QString::fromUtf8(entries[static_cast<std::size_t>(name)].display); }

ColorMap::Name ColorMap::fromString(const QString &id)
{
    for (const Entry &entry : entries) {
        if (id == QLatin1String(entry.id)) {
            return entry.name;
        }
    }
    return Name::Viridis;
}

std::vector<ColorMap::Name> ColorMap::sequential() { return {Name::Viridis, Name::Cividis, Name::Magma}; }

std::size_t ColorMap::tableIndex(double t)
{
    if (std::isnan(t)) {
        return levels;
    }
    return static_cast<std::size_t>(std::lround(std::clamp(t, 0.0, 1.0) * (levels - 1)));
}

QCPColorGradient ColorMap::gradient() const
{
    QCPColorGradient gradient;
    gradient.clearColorStops();
    gradient.setLevelCount(static_cast<int>(levels));
    for (std::size_t i = 0; i < m_points.size(); ++i) {
        gradient.setColorStopAt(static_cast<double>(i) / static_cast<double>(m_points.size() - 1), m_points[i]);
    }
    gradient.setNanHandling(QCPColorGradient::nhTransparent);
    return gradient;
}

} // namespace headkv
