// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Sha256.h"

#include <algorithm>
#include <array>
#include <memory>
#include <openssl/evp.h>

namespace headkv {

std::string sha256(std::span<const std::byte> bytes, const JobControl &control)
{
    constexpr std::size_t block = std::size_t{8} << 20;
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
        throw Error(ErrorKind::Failed, "OpenSSL offers no SHA-256; check its installation");
    for (std::size_t done = 0; done < bytes.size(); done += block) {
        control.cancellation.throwIfCancelled();
        EVP_DigestUpdate(context.get(), bytes.data() + done, std::min(block, bytes.size() - done));
        control.report({"Checking the file", static_cast<double>(done), static_cast<double>(bytes.size()), "bytes"});
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context.get(), digest.data(), &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
        constexpr char digits[] = "0123456789abcdef";
        text += digits[digest[i] >> 4];
        text += digits[digest[i] & 15];
    }
    return text;
}

} // namespace headkv
