// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Sha256.h"

#include "core/base/MappedFile.h"

#include <algorithm>
#include <array>
#include <openssl/evp.h>

namespace headkv {

namespace {

class Digest
{
public:
    Digest()
        : m_context(EVP_MD_CTX_new(), &EVP_MD_CTX_free)
    {
        if (!m_context || EVP_DigestInit_ex(m_context.get(), EVP_sha256(), nullptr) != 1)
            throw Error(ErrorKind::Failed, "OpenSSL offers no SHA-256; check its installation");
    }

    void add(std::span<const std::byte> bytes) { EVP_DigestUpdate(m_context.get(), bytes.data(), bytes.size()); }

    std::string text()
    {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned int size = 0;
        EVP_DigestFinal_ex(m_context.get(), digest.data(), &size);
        std::string text;
        for (unsigned int i = 0; i < size; ++i) {
            constexpr char digits[] = "0123456789abcdef";
            text += digits[digest[i] >> 4];
            text += digits[digest[i] & 15];
        }
        return text;
    }

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> m_context;
};

} // namespace

std::string sha256(std::span<const std::byte> bytes)
{
    Digest digest;
    digest.add(bytes);
    return digest.text();
}

std::string sha256(std::string_view text) { return sha256(std::as_bytes(std::span(text))); }

std::string sha256(const std::vector<std::shared_ptr<const MappedFile>> &files, const JobControl &control)
{
    constexpr std::size_t block = std::size_t{8} << 20;
    double total = 0;
    for (const auto &file : files)
        total += static_cast<double>(file->bytes().size());
    Digest digest;
    double done = 0;
    for (const auto &file : files) {
        for (std::span<const std::byte> rest = file->bytes(); !rest.empty();) {
            control.cancellation.throwIfCancelled();
            const auto part = rest.first(std::min(block, rest.size()));
            digest.add(part);
            file->release(part);
            rest = rest.subspan(part.size());
            done += static_cast<double>(part.size());
            control.report({"Checking the file", done, total, "bytes"});
        }
    }
    return digest.text();
}

} // namespace headkv
