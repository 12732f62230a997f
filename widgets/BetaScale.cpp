// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/BetaScale.h"

#include <algorithm>
#include <cmath>

namespace headkv {

double betaPosition(double beta)
{
    const double above = std::clamp(beta, leastBeta, greatestBeta) - 1;
    return std::log(above / (leastBeta - 1)) / std::log((greatestBeta - 1) / (leastBeta - 1));
}

double betaAt(double position)
{
    const double above =
        (leastBeta - 1) * std::pow((greatestBeta - 1) / (leastBeta - 1), std::clamp(position, 0.0, 1.0));
    return std::round((1 + above) * 1000) / 1000;
}

QString formatBeta(double beta) { return QString::number(beta, 'g', 5); }

} // namespace headkv
