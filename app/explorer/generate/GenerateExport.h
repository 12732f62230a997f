// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/generate/GenerateView.h"

#include <QObject>
#include <functional>
#include <vector>

namespace headkv {

class LaneSession;

/// Writes all that the Generate page shows into a folder, a file at a turn of the event loop, so that the window
/// answers meanwhile: each lane's report, each chart as PNG, SVG and CSV, the summary as CSV.
class GenerateExport : public QObject
{
    Q_OBJECT

public:
    /// A file to be written; returns the error, empty: done.
    using Step = std::function<QString()>;

    explicit GenerateExport(QObject *parent = nullptr);

    /// The folder is made where it is not there; files of these names in it are replaced. Charts must live until
    /// finished().
    void start(const LaneSession &lanes, const std::vector<GenerateView::Figure> &figures, const QString &summary,
               const QString &folder);
    [[nodiscard]] bool isRunning() const { return !m_steps.empty(); }

Q_SIGNALS:
    /// files: how many were written; error: why it ended early, empty: all is written.
    void finished(int files, const QString &error);

private:
    void next();

    std::vector<Step> m_steps;
    std::size_t m_done = 0;
};

} // namespace headkv
