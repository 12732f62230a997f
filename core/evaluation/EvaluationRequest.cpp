// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/EvaluationRequest.h"

#include "core/compression/BudgetReport.h"
#include "core/compression/CompressionMethod.h"
#include "core/probe/ProbeJson.h"

#include <nlohmann/json.hpp>

namespace headkv {

namespace {

using Json = nlohmann::ordered_json;

Json describeMethod(const CompressionSettings &settings)
{
    Json json{{"method", settings.method}};
    json.update(describe(settings, settings.window.value_or(0)));
    json.erase("budget");
    if (!settings.window && !json["window"].is_null())
        json["window"] = "auto";
    return json;
}

/// A value that a method has: null, where it has none.
template <typename Value>
void take(const Json &json, const char *key, Value &value)
{
    if (const auto found = json.find(key); found != json.end() && !found->is_null())
        found->get_to(value);
}

CompressionSettings methodFrom(const Json &json)
{
    CompressionSettings settings;
    settings.method = json.at("method");
    if (const Json window = json.value("window", Json()); window.is_number())
        settings.window = window.get<int>();
    if (const Json beta = json.value("beta", Json()); beta.is_number())
        settings.beta = beta.get<double>();
    settings.granularity =
        json.at("granularity") == toString(Granularity::KvHead) ? Granularity::KvHead : Granularity::QueryHead;
    if (json.value("pooling", Json()) == toString(Pooling::Average))
        settings.pooling = Pooling::Average;
    take(json, "kernel", settings.kernel);
    take(json, "sinks", settings.sinks);
    take(json, "floor_alpha", settings.floorAlpha);
    take(json, "retrieval_share", settings.retrievalShare);
    take(json, "redistribute", settings.redistribute);
    return settings;
}

} // namespace

Json describe(const EvaluationRequest &request)
{
    Json methods = Json::array(), sets = Json::array();
    for (const CompressionSettings &method : request.methods)
        methods.push_back(describeMethod(method));
    for (const NamedImportance &set : request.scoreSets)
        sets.push_back({{"name", set.name}, {"origin", set.origin}, {"importance", set.values}});
    Json json{{"tasks", request.tasks},
              {"moment", toString(request.moment)},
              {"methods", methods},
              {"budgets", request.budgets},
              {"lengths", request.needles.lengths},
              {"depths", request.needles.depths},
              {"max_new_tokens", request.needles.maxNewTokens},
              {"haystack", request.needles.haystackName},
              {"needles", describeNeedles(request.needles.needles)},
              {"reasoning_needles", describeNeedles(request.reasoningNeedles)},
              {"prompt_formats", request.documents.formats},
              {"max_prompt_tokens", request.documents.maxPromptTokens},
              {"max_cases", request.documents.maxCases},
              {"skip_malformed", request.documents.skipMalformed},
              {"scores", sets}};
    describeChatFormat(request.chatFormat, json);
    return json;
}

EvaluationRequest evaluationRequestFrom(const Json &json)
{
    EvaluationRequest request;
    json.at("tasks").get_to(request.tasks);
    if (json.at("moment") == toString(CompressionMoment::Context))
        request.moment = CompressionMoment::Context;
    for (const Json &method : json.at("methods"))
        request.methods.push_back(methodFrom(method));
    json.at("budgets").get_to(request.budgets);
    json.at("lengths").get_to(request.needles.lengths);
    json.at("depths").get_to(request.needles.depths);
    json.at("max_new_tokens").get_to(request.needles.maxNewTokens);
    json.at("haystack").get_to(request.needles.haystackName);
    request.needles.needles = needlesFrom(json.at("needles"));
    request.reasoningNeedles = needlesFrom(json.at("reasoning_needles"));
    json.at("prompt_formats").get_to(request.documents.formats);
    json.at("max_prompt_tokens").get_to(request.documents.maxPromptTokens);
    json.at("max_cases").get_to(request.documents.maxCases);
    json.at("skip_malformed").get_to(request.documents.skipMalformed);
    for (const Json &set : json.at("scores"))
        request.scoreSets.push_back({set.at("name"), set.at("origin"), set.at("importance")});
    request.chatFormat = chatFormatFrom(json);
    return request;
}

} // namespace headkv
