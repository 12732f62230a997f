// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/ProbeReopen.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/probe/Haystack.h"
#include "core/probe/ProbeJson.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail(const std::string &source, const std::string &reason)
{
    throw Error(ErrorKind::Input, source + ": " + reason + "; open a report that headkv probe wrote");
}

/// What an optional holds, or a malformed report.
template <typename Value>
Value known(std::optional<Value> value, const std::string &source, const char *what)
{
    if (!value)
        fail(source, std::string("its settings have an unknown ") + what);
    return *std::move(value);
}

ProbeSettings settingsFrom(const Json &json, const std::string &source)
{
    const auto text = [&json](const char *key) { return json.at(key).get<std::string>(); };
    ProbeSettings settings;
    settings.kind = known(probeKindFrom(text("kind")), source, "kind");
    settings.scoring = known(probeScoringFrom(text("scoring")), source, "scoring");
    settings.filter = known(probeFilterFrom(text("filter")), source, "filter");
    json.at("lengths").get_to(settings.lengths);
    json.at("depths").get_to(settings.depths);
    json.at("max_new_tokens").get_to(settings.maxNewTokens);
    json.at("prefix_reuse").get_to(settings.prefixReuse);
    settings.needles = needlesFrom(json.at("needles"));
    for (const Json &head : json.at("masked_heads"))
        settings.maskedHeads.push_back(known(headIdFrom(head.get<std::string>()), source, "masked head"));
    settings.chatFormat = chatFormatFrom(json);
    settings.haystackName = text("haystack");
    return settings;
}

} // namespace

bool isProbeReport(const std::filesystem::path &path)
{
    constexpr std::size_t enough = 4096;
    std::ifstream file(path, std::ios::binary);
    std::string head(enough, '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(file.gcount()));
    return head.starts_with("{\"model\":") && head.find("\"kind\"") != std::string::npos &&
           head.find("\"lengths\"") != std::string::npos;
}

ProbeSettings readProbeSettings(const std::filesystem::path &report)
{
    return parseProbeSettings(readTextFile(report), report.string());
}

ProbeSettings parseProbeSettings(std::string_view report, const std::string &source)
{
    const Json json = Json::parse(report, nullptr, false);
    if (!json.is_object())
        fail(source, "not JSON, or cut short");
    ProbeSettings settings;
    try {
        settings = settingsFrom(json.at("settings"), source);
    } catch (const Json::exception &) {
        fail(source, "not a probe's report");
    }
    try {
        settings.haystack = haystackNamed(settings.haystackName).text;
    } catch (const Error &) {
        fail(source, "its haystack \"" + settings.haystackName + "\" cannot be read any more");
    }
    return settings;
}

} // namespace headkv
