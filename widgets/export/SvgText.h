// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace headkv {

/// An SVG of QSvgGenerator with each text as the shapes of its letters, so that it looks the same where its font is
/// missing. What is written stays readable as the shape's aria-label.
[[nodiscard]] QByteArray svgTextAsShapes(const QByteArray &svg);

} // namespace headkv
