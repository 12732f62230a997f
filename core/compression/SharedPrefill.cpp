// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compression/SharedPrefill.h"

#include "core/base/Error.h"
#include "core/compression/CompressedCache.h"

#include <utility>

namespace headkv {

SharedPrefill::SharedPrefill(std::vector<CompressedCache *> caches)
    : m_caches(std::move(caches))
{}

std::size_t SharedPrefill::length() const noexcept { return m_caches.front()->length(); }

void SharedPrefill::beginPrefill(std::size_t tokens)
{
    for (CompressedCache *cache : m_caches) {
        if (cache->length() > 0)
            throw Error(ErrorKind::Usage, "a shared prefill is for empty caches");
        cache->beginPrefill(tokens);
        if (cache != m_caches.front())
            cache->follow(*m_caches.front());
    }
}

void SharedPrefill::prefill(int layer, const AttentionInputs &chunk, const AttentionRule &rule, void *output)
{
    for (CompressedCache *cache : m_caches)
        cache->prefill(layer, chunk, rule, std::exchange(output, nullptr));
}

void SharedPrefill::finishLayer(int layer, const AttentionRule &rule)
{
    for (CompressedCache *cache : m_caches)
        cache->finishLayer(layer, rule);
}

void SharedPrefill::decode(int /*layer*/, const AttentionInputs & /*token*/, const AttentionRule & /*rule*/,
                           AttentionObserver * /*observer*/, void * /*output*/)
{
    throw Error(ErrorKind::Usage, "a shared prefill decodes nothing; its caches do");
}

void SharedPrefill::commit()
{
    for (CompressedCache *cache : m_caches)
        cache->commit();
}

void SharedPrefill::rollback()
{
    for (CompressedCache *cache : m_caches)
        cache->rollback();
}

} // namespace headkv
