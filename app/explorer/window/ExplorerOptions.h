// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/theme/Theme.h"

#include <QSize>
#include <QString>
#include <QStringList>
#include <optional>

namespace headkv {

/// What the program was started with.
struct ExplorerOptions
{
    QStringList files; ///< .hkv: a session; .gguf, a folder or "default": a model; .json: head scores or a report
    QString page;      ///< "start", "model", "probe", "heads", "budget", "generate", "compare"; empty: where it makes
                       ///< sense
    std::optional<ThemeMode> theme;
    QSize size;         ///< of the window; empty: as it was
    QString screenshot; ///< a PNG to write once idle, then exit; empty: none
    QString action;     ///< of the window's actions, to be done before the screenshot; empty: none
    QString save;       ///< a session to write likewise
    bool help = false;
    bool version = false;
    QString error; ///< one line, where the arguments are wrong

    /// In the order of the rail.
    [[nodiscard]] static const QStringList &pageNames();
    /// arguments[0] is the program.
    [[nodiscard]] static ExplorerOptions parse(const QStringList &arguments);
    [[nodiscard]] static QString helpText();
};

} // namespace headkv
