// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluation/StoredEvaluation.h"

#include <QByteArray>

namespace headkv {

/// One page that holds everything: what was asked, the table with intervals and differences, figures as vectors, all
/// answers, and where they come from. Needs a QApplication.
[[nodiscard]] QByteArray evaluationHtml(const StoredEvaluation &evaluation);

} // namespace headkv
