// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>

namespace headkv {

/// How near a compressed cache's predictions come to FullKV's (algorithms §5): FullKV's tokens are fed to both, and at
/// each of them the two distributions of the next token are compared.
struct Agreement
{
    std::size_t tokens = 0;   ///< compared
    double sameNextToken = 0; ///< share of them where both find the same token likeliest, 0…1
    double meanKl = 0;        ///< mean KL(FullKV ‖ compressed), in nats

    bool operator==(const Agreement &) const = default;
};

/// Sums up comparisons of logits.
class AgreementSum
{
public:
    /// Logits [V] of the next token, of FullKV and of the other.
    void add(std::span<const float> reference, std::span<const float> other);
    [[nodiscard]] Agreement mean() const;

private:
    std::size_t m_tokens = 0;
    std::size_t m_same = 0;
    double m_kl = 0;
};

} // namespace headkv
