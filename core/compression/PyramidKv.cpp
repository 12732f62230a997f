// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/Methods.h"
#include "core/compression/TokenSelection.h"

#include <algorithm>
#include <limits>

namespace headkv {

namespace {

/// SnapKV's selection with budgets that fall from layer to layer (Cai et al. 2024). The step is rounded down, as in the
/// authors' code, so the total is above the nominal one.
class PyramidKv : public CompressionMethod
{
public:
    using CompressionMethod::CompressionMethod;

protected:
    void fill(HeadBudgets &budgets, std::optional<std::int64_t> promptTokens) const override
    {
        const auto b = static_cast<double>(base());
        if (layers() == 1) { // no slope
            budgets.capacities.assign(static_cast<std::size_t>(lists()), base());
            return;
        }
        double least = floorDivide(b, *settings().beta);
        double most = 2 * b - least;
        const auto room = promptTokens ? static_cast<double>(std::max<std::int64_t>(*promptTokens - window(), 0))
                                       : std::numeric_limits<double>::infinity();
        if (most >= room) {
            most = room;
            least = 2 * b - most;
        }
        const double step = floorDivide(most - least, layers() - 1);
        for (int layer = 0; layer < layers(); ++layer)
            budgets.capacities.insert(budgets.capacities.end(), static_cast<std::size_t>(lists()),
                                      static_cast<std::int64_t>(most - layer * step));
    }
};

} // namespace

MethodInfo pyramidKv()
{
    return {.id = "pyramidkv",
            .name = "PyramidKV",
            .summary = "SnapKV with budgets that fall from the first layer to the last.",
            .beta = 20,
            .leastBeta = 1,
            .make = makeMethod<PyramidKv>};
}

} // namespace headkv
