// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <memory>
#include <string>

namespace headkv {

/// A probe as a session holds it: it needs its model to be taken up again.
struct KeptProbe
{
    QString sha256;                            ///< of the model
    QString source;                            ///< the file that holds the report
    std::shared_ptr<const std::string> report; ///< its text; null: `source` is nothing but the report
};

} // namespace headkv
