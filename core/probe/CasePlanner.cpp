// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/CasePlanner.h"

#include "core/base/Error.h"
#include "core/text/ChatFormat.h"
#include "core/text/Tokenizer.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace headkv {

namespace {

/// What stands between the haystack and the question, for every case alike: small models do not answer a bare question
/// behind a text.
constexpr std::string_view questionLead = "\n\nAnswer from the text above, in a few words. ";

[[noreturn]] void failUsage(const std::string &reason) { throw Error(ErrorKind::Usage, reason); }

void append(std::vector<TokenId> &ids, std::span<const TokenId> more)
{
    ids.insert(ids.end(), more.begin(), more.end());
}

/// A needle as it goes into prompts.
struct PlannedNeedle
{
    std::vector<TokenId> ids;
    TokenSpan answer; ///< positions in ids
    std::vector<TokenId> answerIds;
    std::vector<TokenId> questionIds; ///< the lead and the question
};

/// The tokens whose bytes overlap the answer's bytes (its first occurrence in the needle).
TokenSpan findAnswer(const Needle &needle, const std::vector<TokenId> &ids, const Tokenizer &tokenizer)
{
    const std::size_t begin = needle.needle.find(needle.answer);
    if (needle.answer.empty() || begin == std::string::npos)
        throw Error(ErrorKind::Input, "the answer \"" + needle.answer + "\" does not occur in its needle \"" +
                                          needle.needle + "\"; it must stand there letter by letter");
    const std::size_t end = begin + needle.answer.size();
    TokenSpan span{ids.size(), 0};
    std::size_t offset = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::size_t next = offset + tokenizer.piece(ids[i]).size();
        if (next > begin && offset < end) {
            span.begin = std::min(span.begin, i);
            span.end = i + 1;
        }
        offset = next;
    }
    if (span.end == 0)
        throw Error(ErrorKind::Input,
                    "the answer \"" + needle.answer +
                        "\" has no token of its own in the needle; the model's vocabulary lacks its characters");
    return span;
}

PlannedNeedle planNeedle(const Needle &needle, const Tokenizer &tokenizer)
{
    PlannedNeedle planned;
    planned.ids = tokenizer.encode(needle.needle, SpecialTokens::Plain);
    planned.answer = findAnswer(needle, planned.ids, tokenizer);
    planned.answerIds = tokenizer.encode(needle.answer, SpecialTokens::Plain);
    planned.questionIds = tokenizer.encode(questionText(needle), SpecialTokens::Plain);
    return planned;
}

/// The haystack's tokens, at least `tokens` of them: a text that is too short is repeated, joined by a blank line.
std::vector<TokenId> haystackIds(const std::string &text, std::size_t tokens, const Tokenizer &tokenizer)
{
    std::vector<TokenId> ids = tokenizer.encode(text, SpecialTokens::Plain);
    if (ids.empty() && tokens > 0)
        throw Error(ErrorKind::Input, "the haystack is empty; name a text file or a folder of them");
    if (ids.size() >= tokens)
        return ids;
    std::string repeated = text;
    for (std::size_t count = tokens / ids.size() + 1; count > 0; --count)
        repeated += "\n\n" + text;
    return tokenizer.encode(repeated, SpecialTokens::Plain);
}

/// Where a needle goes: ⌊room·depth⌋, moved back to just after a token that holds a sentence's end, or to 0; depth 1 is
/// the end.
std::size_t insertionPoint(std::span<const TokenId> haystack, std::size_t room, double depth,
                           const Tokenizer &tokenizer)
{
    if (depth >= 1)
        return room;
    auto point = static_cast<std::size_t>(std::floor(static_cast<double>(room) * depth));
    while (point > 0 && tokenizer.piece(haystack[point - 1]).find('.') == std::string::npos)
        --point;
    return point;
}

/// What all prompts begin and end with.
struct Frame
{
    std::vector<TokenId> prefix, suffix;

    Frame(const Tokenizer &tokenizer, const ChatFormat &format)
        : prefix(format.prefixIds(tokenizer)) // with BOS where the model uses one
        , suffix(tokenizer.encodePart(format.suffix))
    {}
};

void checkSettings(const ProbeSettings &settings)
{
    if (settings.lengths.empty() || settings.depths.empty() || settings.needles.empty())
        failUsage("a probe needs at least one length, one depth and one needle");
    for (const double depth : settings.depths) {
        if (!(depth >= 0 && depth <= 1))
            failUsage("a depth of " + std::to_string(depth) + " has no meaning; use 0 (the beginning) to 1 (the end)");
    }
}

void checkLength(int length, const PlannedNeedle &planned, const Needle &needle, int longest)
{
    if (length < static_cast<int>(planned.ids.size()))
        failUsage("a length of " + std::to_string(length) + " tokens is shorter than the needle \"" + needle.needle +
                  "\" with its " + std::to_string(planned.ids.size()) + "; use a greater length");
    if (length > longest)
        failUsage("a length of " + std::to_string(length) +
                  " tokens does not fit the model's context with the question and the answer; use at most " +
                  std::to_string(longest));
}

} // namespace

std::string questionText(const Needle &needle) { return std::string(questionLead) + needle.question; }

std::vector<ProbeCase> planCases(const ProbeSettings &settings, const Tokenizer &tokenizer, const ChatFormat &format,
                                 int contextLength)
{
    checkSettings(settings);
    const int longest = longestLength(settings.needles, settings.maxNewTokens, tokenizer, format, contextLength);
    const int longestAsked = *std::ranges::max_element(settings.lengths);
    const Frame frame(tokenizer, format);
    const std::vector<TokenId> haystack = haystackIds(
        settings.haystack, static_cast<std::size_t>(std::clamp(longestAsked, 0, std::max(longest, 0))), tokenizer);

    std::vector<ProbeCase> cases;
    for (std::size_t n = 0; n < settings.needles.size(); ++n) {
        const PlannedNeedle needle = planNeedle(settings.needles[n], tokenizer);
        for (std::size_t l = 0; l < settings.lengths.size(); ++l) {
            const int length = settings.lengths[l];
            checkLength(length, needle, settings.needles[n], longest);
            const std::size_t room = static_cast<std::size_t>(length) - needle.ids.size();
            for (std::size_t d = 0; d < settings.depths.size(); ++d) {
                const std::size_t point = insertionPoint(haystack, room, settings.depths[d], tokenizer);
                ProbeCase item{n, l, d, length, settings.depths[d], frame.prefix, {}, needle.answerIds, {}};
                append(item.promptIds, std::span(haystack).first(point));
                const std::size_t begin = item.promptIds.size();
                item.span = {begin + needle.answer.begin, begin + needle.answer.end};
                item.needle = {begin, begin + needle.ids.size()};
                append(item.promptIds, needle.ids);
                append(item.promptIds, std::span(haystack).subspan(point, room - point));
                append(item.promptIds, needle.questionIds);
                append(item.promptIds, frame.suffix);
                cases.push_back(std::move(item));
            }
        }
    }
    return cases;
}

int longestLength(const std::vector<Needle> &needles, int maxNewTokens, const Tokenizer &tokenizer,
                  const ChatFormat &format, int contextLength)
{
    const Frame frame(tokenizer, format);
    std::size_t question = 0;
    for (const Needle &needle : needles)
        question = std::max(question, tokenizer.encode(questionText(needle), SpecialTokens::Plain).size());
    return contextLength - static_cast<int>(frame.prefix.size() + frame.suffix.size() + question) - maxNewTokens;
}

} // namespace headkv
