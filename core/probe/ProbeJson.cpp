// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/ProbeJson.h"

#include <nlohmann/json.hpp>

namespace headkv {

using Json = nlohmann::ordered_json;

namespace {

constexpr auto formatKey = "chat_format";

} // namespace

Json describeNeedles(const std::vector<Needle> &needles)
{
    Json list = Json::array();
    for (const Needle &needle : needles)
        list.push_back({{"needle", needle.needle}, {"question", needle.question}, {"answer", needle.answer}});
    return list;
}

std::vector<Needle> needlesFrom(const Json &list)
{
    std::vector<Needle> needles;
    for (const Json &needle : list)
        needles.push_back({needle.at("needle"), needle.at("question"), needle.at("answer")});
    return needles;
}

void describeChatFormat(const std::optional<ChatFormat> &format, Json &settings)
{
    if (format)
        settings[formatKey] = {{"name", format->name}, {"prefix", format->prefix}, {"suffix", format->suffix}};
}

std::optional<ChatFormat> chatFormatFrom(const Json &settings)
{
    const auto found = settings.find(formatKey);
    if (found == settings.end())
        return std::nullopt;
    ChatFormat format;
    format.name = found->at("name");
    format.prefix = found->at("prefix");
    format.suffix = found->at("suffix");
    return format;
}

} // namespace headkv
