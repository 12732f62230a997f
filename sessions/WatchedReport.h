// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Stopwatch.h"

#include <QDateTime>
#include <QString>
#include <functional>
#include <utility>

namespace headkv {

/// A report that was opened and lacks something, which another process may be adding. On the engine's thread.
class WatchedReport
{
public:
    /// From its present state on.
    void begin(const QString &path);
    void end() { m_path.clear(); }
    [[nodiscard]] const QString &path() const { return m_path; }     ///< empty: none
    [[nodiscard]] const QDateTime &grown() const { return m_grown; } ///< when it was added to last; null: not yet

    /// Reads it, where it is another than before: true. Reading takes a tenth of the time at most. What `read` throws
    /// counts only when it does so three times in a row, for disks of other machines; then watching ends. Errors:
    /// Input.
    bool readChanged(const std::function<void()> &read);

private:
    /// Of the file: when it was written, and how long it is.
    using State = std::pair<QDateTime, qint64>;
    [[nodiscard]] State state() const;

    QString m_path;
    State m_state;
    QDateTime m_grown;
    int m_failures = 0;
    double m_readSeconds = 0;
    Stopwatch m_sinceRead;
};

/// Within WatchedReport::readChanged. Errors: Input, where the report is no longer the one that was opened.
void requireSame(bool same);

} // namespace headkv
