// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Offscreen.h"

#include <QApplication>

namespace headkv {

Offscreen::Offscreen()
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    qInstallMessageHandler(
        [](QtMsgType, const QMessageLogContext &, const QString &) {}); // nothing that Qt says of its own
    static int argumentCount = 1;                                       // QApplication keeps references
    static char name[] = "headkv";
    static char *arguments[] = {name, nullptr};
    m_application = std::make_unique<QApplication>(argumentCount, arguments);
}

Offscreen::~Offscreen() = default;

} // namespace headkv
