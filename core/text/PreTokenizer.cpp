// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/PreTokenizer.h"

#include "core/text/UnicodeText.h"

#include <algorithm>

namespace headkv {

namespace {

struct Part
{
    Stretch stretch;
    bool found;
};

std::vector<Stretch> findText(std::string_view text, std::string_view pattern)
{
    std::vector<Stretch> found;
    for (std::size_t at = 0; !pattern.empty() && (at = text.find(pattern, at)) != std::string_view::npos;) {
        found.push_back({at, at + pattern.size()});
        at += pattern.size();
    }
    return found;
}

/// The finds and what lies between them, in order.
std::vector<Part> partition(std::string_view text, const std::vector<Stretch> &finds, bool invert)
{
    std::vector<Part> parts;
    std::size_t at = 0;
    for (const Stretch &find : finds) {
        if (find.begin > at)
            parts.push_back({{at, find.begin}, invert});
        parts.push_back({find, !invert});
        at = find.end;
    }
    if (at < text.size())
        parts.push_back({{at, text.size()}, invert});
    return parts;
}

/// Joins finds to what is beside them; the directions are mirror images.
template <typename Iterator, typename Join>
std::vector<Part> mergeFinds(Iterator begin, Iterator end, const Join &join)
{
    std::vector<Part> merged;
    bool previousFound = false;
    for (; begin != end; ++begin) {
        if (begin->found && !previousFound && !merged.empty())
            join(merged.back().stretch, begin->stretch);
        else
            merged.push_back(*begin);
        previousFound = begin->found;
    }
    return merged;
}

std::vector<Part> behave(std::vector<Part> parts, SplitBehavior behavior)
{
    switch (behavior) {
    case SplitBehavior::Isolated:
        break;
    case SplitBehavior::Removed:
        std::erase_if(parts, [](const Part &part) { return part.found; });
        break;
    case SplitBehavior::Contiguous: {
        std::vector<Part> merged;
        for (const Part &part : parts) {
            if (!merged.empty() && merged.back().found == part.found)
                merged.back().stretch.end = part.stretch.end;
            else
                merged.push_back(part);
        }
        return merged;
    }
    case SplitBehavior::MergedWithPrevious:
        return mergeFinds(parts.begin(), parts.end(), [](Stretch &a, const Stretch &b) { a.end = b.end; });
    case SplitBehavior::MergedWithNext:
        parts = mergeFinds(parts.rbegin(), parts.rend(), [](Stretch &a, const Stretch &b) { a.begin = b.begin; });
        std::ranges::reverse(parts);
        break;
    }
    return parts;
}

bool isSplit(const SplitStep &step)
{
    return step.kind == SplitStep::Kind::Text || step.kind == SplitStep::Kind::Regex;
}

/// The piece as a step that does not split leaves it; nothing: unchanged.
std::optional<std::string> change(const SplitStep &step, std::string_view piece, bool first)
{
    if (step.kind == SplitStep::Kind::PrefixSpace)
        return piece.starts_with(' ') ? std::nullopt : std::optional(" " + std::string(piece));
    const bool prepends =
        step.prepend == SplitStep::Prepend::Always || (step.prepend == SplitStep::Prepend::First && first);
    std::string changed = replaceAll(piece, " ", step.pattern);
    if (prepends && !changed.starts_with(step.pattern))
        changed.insert(0, step.pattern);
    return changed;
}

} // namespace

PreTokenizer::PreTokenizer(const std::vector<SplitStep> &steps)
{
    for (const SplitStep &step : steps)
        m_steps.push_back(
            {step, step.kind == SplitStep::Kind::Regex ? std::optional<Regex>(step.pattern) : std::nullopt});
}

Pieces PreTokenizer::split(std::string_view text, bool first) const
{
    Pieces pieces;
    if (text.empty())
        return pieces;
    pieces.list.push_back(text);
    bool beginsText = first; // whether the first piece still begins the text: what comes before it may be removed
    for (const Step &step : m_steps) {
        std::vector<std::string_view> finer;
        bool stillBegins = beginsText;
        for (std::size_t i = 0; i < pieces.list.size(); ++i) {
            const std::string_view piece = pieces.list[i];
            if (!isSplit(step.rule)) {
                auto changed = change(step.rule, piece, i == 0 && beginsText);
                finer.push_back(changed ? pieces.changed.emplace_back(std::move(*changed)) : piece);
                continue;
            }
            const auto finds = step.regex ? step.regex->findAll(piece) : findText(piece, step.rule.pattern);
            for (const Part &part : behave(partition(piece, finds, step.rule.invert), step.rule.behavior)) {
                if (part.stretch.end == part.stretch.begin)
                    continue;
                if (finer.empty())
                    stillBegins = stillBegins && i == 0 && part.stretch.begin == 0;
                finer.push_back(piece.substr(part.stretch.begin, part.stretch.end - part.stretch.begin));
            }
        }
        pieces.list = std::move(finer);
        beginsText = stillBegins;
    }
    return pieces;
}

} // namespace headkv
