// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Error.h"

#include <string>

namespace headkv {

/// Ends the reading of a template; `what` is said of the template.
[[noreturn]] inline void refuseJinja(const std::string &what) { throw Error(ErrorKind::Input, what); }

/// Counts how deep calls are nested while it lives, and refuses what goes deeper than a limit.
class JinjaNesting
{
public:
    JinjaNesting(int &depth, int deepest)
        : m_depth(depth)
    {
        if (depth >= deepest)
            refuseJinja("it is nested too deep");
        ++m_depth;
    }
    ~JinjaNesting() { --m_depth; }
    JinjaNesting(const JinjaNesting &) = delete;
    JinjaNesting &operator=(const JinjaNesting &) = delete;

private:
    int &m_depth;
};

} // namespace headkv
