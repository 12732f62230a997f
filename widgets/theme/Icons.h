// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QString>
#include <QStringList>

namespace headkv {

/// A line icon of the resources, drawn in the palette's colours at the time of painting: it follows the theme by
/// itself, is grey where disabled, and sharp at any scale. An unknown name gives a null icon.
[[nodiscard]] QIcon themedIcon(const QString &name);
/// The same in a colour of its own.
[[nodiscard]] QIcon coloredIcon(const QString &name, const QColor &color);
/// The names there are.
[[nodiscard]] QStringList iconNames();

} // namespace headkv
