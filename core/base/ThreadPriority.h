// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace headkv {

/// Lets the calling thread, and those that it starts from now on, stand back behind the process's other threads where
/// there are fewer cores than threads that want one (Linux; elsewhere nothing happens). A thread cannot take it back.
void standBack();

} // namespace headkv
