// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/TokenizerComponents.h"

#include "core/base/Error.h"
#include "core/text/GgufRules.h"
#include "core/text/Regex.h"

#include <nlohmann/json.hpp>

#include <map>

namespace headkv {

namespace {

using nlohmann::json;
using Reader = void (*)(const json &, Vocabulary &);
using Readers = std::map<std::string, Reader, std::less<>>;

[[noreturn]] void refuse(const std::string &what, const std::string &name, const std::string &known)
{
    throw Error(ErrorKind::Input, "the " + what + " \"" + name.substr(0, 40) + "\" is not known; known are: " + known);
}

template <typename Values>
const auto &choose(const std::string &what, const Values &values, const std::string &name)
{
    if (const auto found = values.find(name); found != values.end())
        return found->second;
    std::string known;
    for (const auto &[key, value] : values)
        known += (known.empty() ? "" : ", ") + key;
    refuse(what, name, known);
}

/// Reads a component by its type, each of a Sequence in turn.
void read(const std::string &what, const char *parts, const Readers &readers, const json &component,
          Vocabulary &vocabulary)
{
    if (component.is_null())
        return;
    const std::string type = component.at("type");
    if (type != "Sequence")
        return choose(what, readers, type)(component, vocabulary);
    for (const json &part : component.at(parts))
        read(what, parts, readers, part, vocabulary);
}

/// {"String": …} or {"Regex": …}; the text and whether it is an expression.
std::pair<std::string, bool> pattern(const json &component)
{
    const json &value = component.at("pattern");
    const bool isRegex = value.contains("Regex");
    return {value.at(isRegex ? "Regex" : "String"), isRegex};
}

template <TextStep::Kind kind>
void addText(const json &, Vocabulary &vocabulary)
{
    TextStep step;
    step.kind = kind;
    vocabulary.normalizers.push_back(step);
}

const Readers normalizers{
    {"NFC", addText<TextStep::Kind::Nfc>},
    {"NFD", addText<TextStep::Kind::Nfd>},
    {"NFKC", addText<TextStep::Kind::Nfkc>},
    {"NFKD", addText<TextStep::Kind::Nfkd>},
    {"Prepend",
     [](const json &component, Vocabulary &vocabulary) {
         vocabulary.normalizers.push_back({TextStep::Kind::Prepend, "", component.at("prepend")});
     }},
    {"Replace",
     [](const json &component, Vocabulary &vocabulary) {
         const auto [text, isRegex] = pattern(component);
         vocabulary.normalizers.push_back(
             {isRegex ? TextStep::Kind::ReplaceRegex : TextStep::Kind::Replace, text, component.at("content")});
     }},
    {"Strip",
     [](const json &component, Vocabulary &vocabulary) {
         vocabulary.normalizers.push_back(
             {TextStep::Kind::Strip, "", "", component.at("strip_left"), component.at("strip_right")});
     }},
};

SplitBehavior behavior(const std::string &name)
{
    static const std::map<std::string, SplitBehavior> behaviors{
        {"Isolated", SplitBehavior::Isolated},
        {"Removed", SplitBehavior::Removed},
        {"MergedWithPrevious", SplitBehavior::MergedWithPrevious},
        {"MergedWithNext", SplitBehavior::MergedWithNext},
        {"Contiguous", SplitBehavior::Contiguous},
    };
    return choose("split behavior", behaviors, name);
}

SplitStep::Prepend prependScheme(const json &component)
{
    static const std::map<std::string, SplitStep::Prepend> schemes{
        {"always", SplitStep::Prepend::Always},
        {"first", SplitStep::Prepend::First},
        {"never", SplitStep::Prepend::Never},
    };
    const bool prefixes = component.value("add_prefix_space", true); // as older files say it
    return choose("prepend scheme", schemes, component.value("prepend_scheme", prefixes ? "always" : "never"));
}

void addRegex(Vocabulary &vocabulary, std::string expression, SplitBehavior behavior, bool invert = false)
{
    vocabulary.splitters.push_back({SplitStep::Kind::Regex, std::move(expression), behavior, invert});
}

const Readers preTokenizers{
    {"Split",
     [](const json &component, Vocabulary &vocabulary) {
         const auto [text, isRegex] = pattern(component);
         vocabulary.splitters.push_back({isRegex ? SplitStep::Kind::Regex : SplitStep::Kind::Text, text,
                                         behavior(component.at("behavior")), component.value("invert", false)});
     }},
    {"ByteLevel",
     [](const json &component, Vocabulary &vocabulary) {
         if (component.value("add_prefix_space", true))
             vocabulary.splitters.push_back({SplitStep::Kind::PrefixSpace});
         if (component.value("use_regex", true))
             addRegex(vocabulary, gpt2Split, SplitBehavior::Isolated);
         vocabulary.byteLevel = true;
     }},
    {"Digits",
     [](const json &component, Vocabulary &vocabulary) {
         const bool individual = component.value("individual_digits", false);
         addRegex(vocabulary, digitSplit, individual ? SplitBehavior::Isolated : SplitBehavior::Contiguous);
     }},
    {"Metaspace",
     [](const json &component, Vocabulary &vocabulary) {
         SplitStep step{SplitStep::Kind::Metaspace, component.value("replacement", "\u2581")};
         step.prepend = prependScheme(component);
         vocabulary.splitters.push_back(step);
         if (component.value("split", true))
             vocabulary.splitters.push_back({SplitStep::Kind::Text, step.pattern, SplitBehavior::MergedWithNext});
     }},
    {"Whitespace",
     [](const json &, Vocabulary &vocabulary) {
         const std::string word = rustWordCharacters;
         addRegex(vocabulary, "[" + word + R"(]+|[^\s)" + word + "]+", SplitBehavior::Removed, true);
     }},
    {"WhitespaceSplit",
     [](const json &, Vocabulary &vocabulary) { addRegex(vocabulary, R"(\s)", SplitBehavior::Removed); }},
    {"Punctuation",
     [](const json &component, Vocabulary &vocabulary) {
         addRegex(vocabulary, R"([\p{P}$+<=>^`|~])", behavior(component.value("behavior", "Isolated")));
     }},
};

const Readers postProcessors{
    {"ByteLevel", [](const json &, Vocabulary &) {}}, // changes offsets only
    {"TemplateProcessing",
     [](const json &component, Vocabulary &vocabulary) {
         bool isBefore = true;
         for (const json &part : component.at("single")) {
             if (part.contains("Sequence")) {
                 isBefore = false;
                 continue;
             }
             const std::string name = part.at("SpecialToken").at("id");
             for (const json &id : component.at("special_tokens").at(name).at("ids"))
                 (isBefore ? vocabulary.before : vocabulary.after).push_back(id);
         }
     }},
};

template <DecodeStep::Kind kind>
void addDecode(const json &, Vocabulary &vocabulary)
{
    vocabulary.decoders.push_back({kind});
}

const Readers decoders{
    {"ByteLevel", addDecode<DecodeStep::Kind::ByteLevel>},
    {"ByteFallback", addDecode<DecodeStep::Kind::ByteFallback>},
    {"Fuse", addDecode<DecodeStep::Kind::Fuse>},
    {"Replace",
     [](const json &component, Vocabulary &vocabulary) {
         const auto [text, isRegex] = pattern(component);
         vocabulary.decoders.push_back(
             {isRegex ? DecodeStep::Kind::ReplaceRegex : DecodeStep::Kind::Replace, text, component.at("content")});
     }},
    {"Strip",
     [](const json &component, Vocabulary &vocabulary) {
         vocabulary.decoders.push_back(
             {DecodeStep::Kind::Strip, component.at("content"), "", component.at("start"), component.at("stop")});
     }},
    {"Metaspace",
     [](const json &component, Vocabulary &vocabulary) {
         DecodeStep step{DecodeStep::Kind::Metaspace, component.value("replacement", "\u2581")};
         step.dropsFirst = prependScheme(component) != SplitStep::Prepend::Never;
         vocabulary.decoders.push_back(step);
     }},
};

} // namespace

void readNormalizer(const json &component, Vocabulary &vocabulary)
{
    read("normalizer", "normalizers", normalizers, component, vocabulary);
}

void readPreTokenizer(const json &component, Vocabulary &vocabulary)
{
    read("pre-tokenizer", "pretokenizers", preTokenizers, component, vocabulary);
}

void readPostProcessor(const json &component, Vocabulary &vocabulary)
{
    read("post-processor", "processors", postProcessors, component, vocabulary);
}

void readDecoder(const json &component, Vocabulary &vocabulary)
{
    read("decoder", "decoders", decoders, component, vocabulary);
}

} // namespace headkv
