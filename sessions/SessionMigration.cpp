// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/SessionMigration.h"

#include "sessions/JsonPlace.h"
#include "sessions/SessionFile.h"

#include <array>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

constexpr auto versionKey = "headkv_session";

/// Version 0, of the days before the first release: score sets in the published layout, {"0-0": […], …}, and one list
/// of pins, of query heads.
void fromVersion0(Json &document)
{
    for (Json &set : document.at("score_sets")) {
        Json values = Json::array();
        int layers = 0, heads = 0;
        const nlohmann::json scores = set.at("scores"); // sorted: there may be many, and each is looked for
        while (scores.contains("0-" + std::to_string(heads)))
            ++heads;
        while (scores.contains(std::to_string(layers) + "-0"))
            ++layers;
        for (int layer = 0; layer < layers; ++layer) {
            for (int head = 0; head < heads; ++head)
                values.push_back(Json(scores.at(std::to_string(layer) + "-" + std::to_string(head))));
        }
        set.erase("scores");
        set["layers"] = layers;
        set["heads"] = heads;
        set["values"] = std::move(values);
    }
    if (const auto pins = document.find("pins"); pins != document.end()) {
        const Json rows = {{"kv_heads", 0}, {"heads", *pins}};
        document["heads"]["pins"] = Json::array({rows});
        document.erase("pins");
    }
}

/// steps[v] makes version v + 1 of version v.
constexpr std::array<void (*)(Json &), sessionVersion> steps{fromVersion0};

} // namespace

void migrateSession(Json &document, const std::string &source)
{
    const JsonPlace place(document, source);
    const auto version = place.find(versionKey);
    if (!version)
        place.fail("names no version of a session");
    if (!version->value().is_number_unsigned())
        version->fail("is no version");
    const auto number = version->value().get<std::uint64_t>();
    if (number > sessionVersion)
        throw Error(ErrorKind::Input, source + ": is a session of a newer HeadKV Explorer (layout " +
                                          std::to_string(number) + ", this one reads up to " +
                                          std::to_string(sessionVersion) + "); open it with that, or update this");
    for (auto step = static_cast<std::size_t>(number); step < steps.size(); ++step) {
        try {
            steps[step](document);
        } catch (const Json::exception &) {
            place.fail("is not as version " + std::to_string(step) + " has it");
        }
    }
    document[versionKey] = sessionVersion;
}

} // namespace headkv
