// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>
#include <QStringList>
#include <vector>

class QCPColorGradient;

namespace headkv {

/// A colour map over 0…1: control points read from the resources, linear between them. Sequential maps rise in
/// luminance; all read the same to colour-blind eyes.
class ColorMap
{
public:
    enum class Name { Viridis, Cividis, Magma, Diverging };

    /// Read once from the resources and kept.
    [[nodiscard]] static const ColorMap &get(Name name);
    [[nodiscard]] static QString toString(Name name);      ///< "viridis", "cividis", "magma", "diverging"
    [[nodiscard]] static QString displayName(Name name);   ///< for a menu
    [[nodiscard]] static Name fromString(const QString &); ///< Viridis for anything unknown
    [[nodiscard]] static std::vector<Name> sequential();

    /// t is clamped to 0…1; NaN gives a transparent colour (draw what stands for "not there" yourself).
    [[nodiscard]] QRgb color(double t) const { return m_table[tableIndex(t)]; }
    /// The position of t among the map's `levels` colours, or `levels` for NaN.
    [[nodiscard]] static std::size_t tableIndex(double t);
    static constexpr std::size_t levels = 512;

    [[nodiscard]] QCPColorGradient gradient() const;
    /// The points as the resource has them, evenly spaced.
    [[nodiscard]] const std::vector<QColor> &points() const { return m_points; }

private:
    explicit ColorMap(const QString &resource);

    std::vector<QColor> m_points;
    std::vector<QRgb> m_table; ///< levels + 1: the last is transparent
};

} // namespace headkv
