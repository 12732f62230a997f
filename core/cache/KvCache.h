// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace headkv {

class AttentionObserver;
class RepeatableSteps;
struct AttentionRule;

/// One layer's vectors of new tokens: queries [T, H·D], keys and values [T, G·D], in the memory and the type of the
/// layer's device (see CacheDevice; on the host float32), and so is what caches write.
struct AttentionInputs
{
    const void *queries = nullptr, *keys = nullptr, *values = nullptr;
    std::int64_t tokens = 0; ///< T
};

/// What a forward pass asks of a cache: to keep keys and values, and to attend to what it has kept. A pass is either a
/// prefill (beginPrefill, then for each layer prefill for its chunks and finishLayer) or a decode step (for each layer,
/// decode for its token; a cache that does not compress takes several, one after another); commit() ends it, rollback()
/// takes it back.
class KvCache
{
public:
    virtual ~KvCache() = default;

    /// Tokens that went in, kept or not: the next one's position.
    [[nodiscard]] virtual std::size_t length() const noexcept = 0;

    virtual void beginPrefill(std::size_t tokens) = 0;
    /// Takes a layer's next chunk and writes its attention [T, H·D]; null: it is not wanted.
    virtual void prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, void *output) = 0;
    /// All chunks of the layer are there: a cache that compresses does it now, before the next layer starts.
    virtual void finishLayer(int layer, const AttentionRule &rule) = 0;

    /// Takes one token and writes its attention, [H·D]. The observer, if any, sees the rows.
    virtual void decode(int layer, const AttentionInputs &token, const AttentionRule &rule, AttentionObserver *observer,
                        void *output) = 0;
    /// Steps of one token without an observer, where its device can do them again in one go; else null.
    [[nodiscard]] virtual RepeatableSteps *repeatableSteps() { return nullptr; }

    virtual void commit() = 0;
    virtual void rollback() = 0;

protected:
    KvCache() = default;
    KvCache(KvCache &&) = default;
    KvCache &operator=(KvCache &&) = default;
};

} // namespace headkv
