// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace headkv {

/// One CSV field: quoted where it has to be.
[[nodiscard]] QString csvField(const QString &text);
/// A number in a CSV: the shortest form that reads back as the same; NaN is an empty field.
[[nodiscard]] QString csvNumber(double value);

} // namespace headkv
