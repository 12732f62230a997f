// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/TokenizerJson.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/text/TokenizerComponents.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace headkv {

namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::string &reason) { throw Error(ErrorKind::Input, reason); }

/// Takes the long lists (vocabulary, merges, added tokens) out of the document while it is parsed, so that they never
/// are JSON values all at once: those take ten times the text's room.
class Document
{
public:
    explicit Document(std::string_view text)
    {
        rest = json::parse(text, [this](int depth, json::parse_event_t event, json &parsed) {
            return keep(static_cast<std::size_t>(depth), event, parsed);
        });
    }

    json rest; ///< all else
    std::vector<std::pair<std::string, std::int64_t>> vocabulary;
    MergeList merges;
    std::vector<AddedToken> added;

private:
    using Event = json::parse_event_t;
    enum class List { None, Vocabulary, Merges, Added };

    /// The list that a value at this depth is in.
    [[nodiscard]] List listAt(std::size_t depth) const
    {
        if (depth >= 2 && m_keys[1] == "added_tokens")
            return List::Added;
        if (depth < 3 || m_keys[1] != "model")
            return List::None;
        return m_keys[2] == "vocab" ? List::Vocabulary : m_keys[2] == "merges" ? List::Merges : List::None;
    }

    void bound(bool inList, std::size_t depth)
    {
        constexpr std::size_t maxDepth = 32, maxInElement = 64, maxOutside = 200'000;
        std::size_t &count = inList ? m_inElement : m_outside;
        if (depth > maxDepth || ++count > (inList ? maxInElement : maxOutside))
            fail("a component is larger than any known");
    }

    bool keep(std::size_t depth, Event event, json &parsed)
    {
        const List list = listAt(depth);
        bound(list != List::None, depth);
        if (event == Event::key && depth < m_keys.size())
            m_keys[depth] = parsed.get<std::string>();
        switch (list) {
        case List::Vocabulary:
            return keepToken(depth, event, parsed);
        case List::Merges:
            return keepMerge(depth, event, parsed);
        case List::Added:
            return keepAdded(depth, event, parsed);
        case List::None:
            break;
        }
        return true;
    }

    bool keepToken(std::size_t depth, Event event, json &parsed)
    {
        if (depth == 3 && event == Event::key) {
            m_token = parsed.get<std::string>();
            return false;
        }
        if (depth != 3 || event != Event::value || !parsed.is_number_integer())
            fail("the vocabulary holds more than tokens and their ids");
        vocabulary.emplace_back(std::move(m_token), parsed.get<std::int64_t>());
        m_inElement = 0;
        return true; // of a key that is not kept no value is, either
    }

    bool keepMerge(std::size_t depth, Event event, json &parsed)
    {
        if (depth != 3 || (event != Event::value && event != Event::array_end))
            return true;
        m_inElement = 0;
        if (event == Event::array_end) {
            if (parsed.size() != 2)
                fail("merge " + std::to_string(merges.size()) + " is not of two tokens");
            merges.add({parsed[0].get_ref<const std::string &>(), parsed[1].get_ref<const std::string &>()});
            return false;
        }
        const std::string_view text = parsed.get_ref<const std::string &>();
        const std::size_t space = text.find(' ');
        if (space == text.npos || text.find(' ', space + 1) != text.npos)
            fail("merge " + std::to_string(merges.size()) + " is not two tokens with a space between");
        merges.add({text.substr(0, space), text.substr(space + 1)});
        return false;
    }

    bool keepAdded(std::size_t depth, Event event, json &parsed)
    {
        if (depth != 2 || event != Event::object_end)
            return true;
        m_inElement = 0;
        AddedToken token{parsed.at("id"), parsed.at("content"), parsed.value("special", false)};
        token.normalized = parsed.value("normalized", !token.special);
        token.leftStrip = parsed.value("lstrip", false);
        token.rightStrip = parsed.value("rstrip", false);
        token.singleWord = parsed.value("single_word", false);
        added.push_back(std::move(token));
        return false;
    }

    std::array<std::string, 4> m_keys; ///< by depth: the key that a value there belongs to
    std::string m_token;
    std::size_t m_inElement = 0, m_outside = 0; ///< parts seen of the list's present element, and outside lists
};

/// Puts a token at its place; ids far beyond the number of tokens would cost memory that the file does not account for.
void place(std::vector<std::string> &tokens, std::int64_t id, const std::string &token, std::size_t count)
{
    if (id < 0 || static_cast<std::size_t>(id) > 2 * count + 65536)
        fail("token id " + std::to_string(id) + " is far outside the vocabulary of " + std::to_string(count));
    if (static_cast<std::size_t>(id) >= tokens.size())
        tokens.resize(static_cast<std::size_t>(id) + 1);
    std::string &entry = tokens[static_cast<std::size_t>(id)];
    if (!entry.empty() && entry != token)
        fail("token id " + std::to_string(id) + " has two tokens");
    entry = token;
}

void readTokens(Document &document, Vocabulary &vocabulary)
{
    const std::size_t count = document.vocabulary.size() + document.added.size();
    vocabulary.tokens.reserve(count);
    for (const auto &[token, id] : document.vocabulary)
        place(vocabulary.tokens, id, token, count);
    std::unordered_map<std::string_view, TokenId> ids;
    for (const auto &[token, id] : document.vocabulary)
        ids.emplace(token, static_cast<TokenId>(id));
    for (AddedToken &token : document.added) {
        const auto found = ids.find(token.text);
        token.inModel = found != ids.end();
        if (token.inModel)
            token.id = found->second; // as tokenizers: the model's id counts
        if (token.text.empty())
            continue;
        place(vocabulary.tokens, token.id, token.text, count);
        vocabulary.added.push_back(std::move(token));
    }
}

void readModel(const json &model, Vocabulary &vocabulary)
{
    const std::string type = model.value("type", "BPE");
    if (type != "BPE")
        fail("the model \"" + type.substr(0, 40) + "\" is not known; known is: BPE");
    for (const char *option : {"continuing_subword_prefix", "end_of_word_suffix"}) {
        if (model.contains(option) && !model.at(option).is_null() && model.at(option) != json(""))
            fail("the model's option " + std::string(option) + " is not known");
    }
    if (model.contains("dropout") && !model.at("dropout").is_null() && model.at("dropout") != 0)
        fail("the model's option dropout is not known: the same text would have other ids each time");
    const auto flag = [&model](const char *name) {
        return model.contains(name) && !model.at(name).is_null() && model.at(name).get<bool>();
    };
    vocabulary.byteFallback = flag("byte_fallback");
    vocabulary.fuseUnknown = flag("fuse_unk");
    vocabulary.ignoreMerges = flag("ignore_merges");
    if (model.contains("unk_token") && !model.at("unk_token").is_null())
        vocabulary.unknownToken = model.at("unk_token").get<std::string>();
}

Vocabulary parse(std::string_view text)
{
    Document document(text);
    const json &root = document.rest;
    Vocabulary vocabulary;
    readModel(root.at("model"), vocabulary);
    readNormalizer(root.value("normalizer", json()), vocabulary);
    readPreTokenizer(root.value("pre_tokenizer", json()), vocabulary);
    readPostProcessor(root.value("post_processor", json()), vocabulary);
    readDecoder(root.value("decoder", json()), vocabulary);
    readTokens(document, vocabulary);
    vocabulary.merges = std::move(document.merges);
    return vocabulary;
}

/// Runs a reader, with the file's name put before what it finds wrong.
template <typename Read>
auto withName(const std::string &name, const Read &read)
{
    try {
        return read();
    } catch (const json::parse_error &error) {
        fail(name + ": not JSON: the syntax breaks at byte " + std::to_string(error.byte));
    } catch (const json::exception &error) {
        const std::string reason = error.what(); // behind the exception's own name in brackets
        fail(name + ": a part is not of the kind expected: " + reason.substr(reason.find(']') + 2));
    } catch (const Error &error) {
        throw Error(error.kind(), name + ": " + error.what());
    }
}

std::optional<TokenId> findToken(const Vocabulary &vocabulary, const json &config, const char *key)
{
    const json entry = config.value(key, json());
    const json &name = entry.is_object() ? entry.value("content", json()) : entry;
    if (!name.is_string() || name.get_ref<const std::string &>().empty())
        return std::nullopt;
    const auto found = std::ranges::find(vocabulary.tokens, name.get_ref<const std::string &>());
    if (found == vocabulary.tokens.end())
        return std::nullopt;
    return static_cast<TokenId>(found - vocabulary.tokens.begin());
}

std::string chatTemplate(const json &entry)
{
    if (entry.is_string())
        return entry;
    std::string chosen;
    for (const json &named : entry.is_array() ? entry : json::array()) {
        if (chosen.empty() || named.at("name") == "default")
            chosen = named.at("template");
    }
    return chosen;
}

void applyConfig(const json &config, Vocabulary &vocabulary)
{
    const auto token = [&](const char *key, std::optional<TokenId> &id) {
        if (const auto found = findToken(vocabulary, config, key))
            id = found;
    };
    token("bos_token", vocabulary.bos);
    token("eos_token", vocabulary.eos);
    token("unk_token", vocabulary.unknown);
    token("pad_token", vocabulary.padding);
    const auto flag = [&](const char *key, std::optional<bool> &value) {
        if (config.contains(key) && config.at(key).is_boolean())
            value = config.at(key).get<bool>();
    };
    flag("add_bos_token", vocabulary.addBos);
    flag("add_eos_token", vocabulary.addEos);
    if (std::string text = chatTemplate(config.value("chat_template", json())); !text.empty())
        vocabulary.chatTemplate = std::move(text);
}

} // namespace

Vocabulary parseTokenizerJson(std::string_view text, const std::string &name)
{
    return withName(name, [&] { return parse(text); });
}

Vocabulary readTokenizerJson(const std::filesystem::path &path)
{
    const MappedFile file(path);
    const auto bytes = file.bytes();
    return parseTokenizerJson({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, path.string());
}

void readTokenizerConfig(const std::filesystem::path &folder, Vocabulary &vocabulary)
{
    constexpr std::size_t maxBytes = std::size_t{1} << 24;
    const std::filesystem::path config = folder / "tokenizer_config.json";
    if (std::filesystem::exists(config))
        withName(config.string(), [&] { applyConfig(json::parse(readTextFile(config, maxBytes)), vocabulary); });
    const std::filesystem::path chat = folder / "chat_template.jinja";
    if (std::filesystem::exists(chat))
        vocabulary.chatTemplate = readTextFile(chat, maxBytes);
}

} // namespace headkv
