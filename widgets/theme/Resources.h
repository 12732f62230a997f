// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace headkv {

/// Makes :/headkv/… readable. A static library's resources are linked in only where something names them; the classes
/// that read them call this. Calling it again does nothing.
void initWidgetResources();

} // namespace headkv
