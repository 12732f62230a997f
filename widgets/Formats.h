// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace headkv {

/// Bytes in binary units, three significant figures: "0 B", "512 B", "1.50 KiB", "23.4 MiB", "6.02 GiB". Negative
/// values keep their sign.
[[nodiscard]] QString formatBytes(double bytes);
/// A duration for people: "350 µs", "12.4 ms", "3.21 s", "2 min 05 s", "1 h 03 min". Not finite: "–".
[[nodiscard]] QString formatDuration(double seconds);
/// An integer with thousands separators: "12,345".
[[nodiscard]] QString formatCount(qint64 count);
/// A score in four significant figures, without trailing noise: "0.03125", "1.204", "3.1e-05", "0". NaN: "–".
[[nodiscard]] QString formatScore(double score);
/// A share of one in per cent: "12.3 %", "0.04 %". NaN: "–".
[[nodiscard]] QString formatPercent(double share);
/// A length in tokens, short, for ticks: multiples of 1,024 become "8k" (k = 1,024), others are counted out.
[[nodiscard]] QString formatTokens(qint64 tokens);

} // namespace headkv
