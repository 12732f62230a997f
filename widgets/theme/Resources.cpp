// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme/Resources.h"

#include <QDir>

// Q_INIT_RESOURCE must stand outside every namespace.
static void initHeadkvResource() { Q_INIT_RESOURCE(headkv); }

namespace headkv {

void initWidgetResources()
{
    static const bool done = (initHeadkvResource(), true);
    Q_UNUSED(done)
}

} // namespace headkv
