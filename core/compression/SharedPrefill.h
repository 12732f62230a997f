// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cache/KvCache.h"

#include <vector>

namespace headkv {

class CompressedCache;

/// One prompt for several empty caches, each with a method of its own: a prefill attends to all tokens whatever is kept
/// of them afterwards, so it is computed once. Each cache ends as if it had been prefilled alone. Takes prefills only.
class SharedPrefill : public KvCache
{
public:
    /// At least one cache; they must outlive this.
    explicit SharedPrefill(std::vector<CompressedCache *> caches);

    [[nodiscard]] std::size_t length() const noexcept override;
    void beginPrefill(std::size_t tokens) override;
    void prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, void *output) override;
    void finishLayer(int layer, const AttentionRule &rule) override;
    void decode(int layer, const AttentionInputs &token, const AttentionRule &rule, AttentionObserver *observer,
                void *output) override;
    void commit() override;
    void rollback() override;

private:
    std::vector<CompressedCache *> m_caches; ///< the first leads
};

} // namespace headkv
