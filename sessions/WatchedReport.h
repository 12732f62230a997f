// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Stopwatch.h"

#include <QString>
#include <functional>
#include <tuple>

namespace headkv {

/// A report that was opened and lacks something, which another process may be adding. On the engine's thread.
class WatchedReport
{
public:
    /// From its present state on.
    void begin(const QString &path);
    void end() { m_path.clear(); }
    [[nodiscard]] const QString &path() const { return m_path; } ///< empty: none
    [[nodiscard]] bool hasGrown() const { return m_grown; }      ///< while it was watched

    /// Reads it, where it is another than before: true. Reading takes a tenth of the time at most. What `read` throws
    /// counts only when it does so three times in a row, for disks of other machines; then watching ends.
    bool readChanged(const std::function<void()> &read);

private:
    /// Of the file: when it was written, and how long it is.
    using State = std::tuple<qint64, qint64>;
    [[nodiscard]] State state() const;

    QString m_path;
    State m_state;
    bool m_grown = false;
    int m_failures = 0;
    double m_readSeconds = 0;
    Stopwatch m_sinceRead;
};

/// Errors: Input, where a report is no longer the one that was opened.
void requireSame(bool same, const QString &path);

} // namespace headkv
