// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/CaseOptions.h"

#include "app/cli/Arguments.h"
#include "app/cli/Validators.h"
#include "core/base/Error.h"
#include "core/model/Model.h"
#include "core/probe/CasePlanner.h"
#include "core/probe/Haystack.h"
#include "core/probe/NeedleFile.h"

namespace headkv {

namespace {

/// A single number up to this is a count of lengths: no probe has so short a haystack.
constexpr int maxLengthCount = 64;
constexpr int maxDepthCount = 1000;

/// A list's text, and whether it can only be a list: one number with a comma behind it is a list of one.
struct ListText
{
    std::string numbers;
    bool isList;

    explicit ListText(std::string text)
        : numbers(std::move(text))
        , isList(numbers.find(',') != std::string::npos)
    {
        if (numbers.size() > 1 && numbers.back() == ',')
            numbers.pop_back();
    }
};

/// "5" is a count, "512", "40," and "512,1024" are lengths.
std::vector<int> lengthsFrom(const CaseOptions &options, int longest)
{
    const ListText text(options.lengths);
    std::vector<int> values = parseIntegers("--lengths", text.numbers);
    if (text.isList || values.front() > maxLengthCount)
        return values;
    const int maximum = options.maxLength > 0 ? options.maxLength : longest;
    if (longest < 1)
        throw Error(ErrorKind::Usage, "--max-new-tokens " + std::to_string(options.maxNewTokens) +
                                          ": the model's context has no room for a haystack beside so long an answer; "
                                          "use less");
    if (maximum < values.front())
        throw Error(ErrorKind::Usage, "--lengths " + options.lengths + ": " + std::to_string(maximum) +
                                          " tokens cannot be split into so many lengths; use fewer");
    return evenLengths(values.front(), maximum);
}

/// What is wrong with --lengths whatever the model.
void checkLengths(const std::string &text)
{
    for (const int value : parseIntegers("--lengths", ListText(text).numbers)) {
        if (value < 1)
            throw Error(ErrorKind::Usage, "--lengths " + text + ": a length is at least 1 token");
    }
}

/// "10" is a count, "0.5", "1," and "0,0.5,1" are depths.
std::vector<double> depthsFrom(const std::string &option)
{
    const ListText text(option);
    std::vector<double> values = parseNumbers("--depths", text.numbers);
    const bool isCount = !text.isList && text.numbers.find_first_not_of("0123456789") == std::string::npos;
    if (isCount) {
        if (values.front() < 1 || values.front() > maxDepthCount)
            throw Error(ErrorKind::Usage, "--depths " + option + ": a count of depths lies between 1 and " +
                                              std::to_string(maxDepthCount) +
                                              "; for one depth write it with a point, as 0.0");
        return evenDepths(static_cast<int>(values.front()));
    }
    for (const double value : values) {
        if (value < 0 || value > 1)
            throw Error(ErrorKind::Usage,
                        "--depths " + option + ": a depth lies between 0 (the beginning) and 1 (the end)");
    }
    return values;
}

} // namespace

void CaseOptions::addTo(CLI::App &command)
{
    command
        .add_option("--lengths", lengths,
                    "tokens of haystack and needle: a count up to 64, evenly spaced to --max-length, or lengths as "
                    "512,1024 (one "
                    "of up to 64 tokens: 40,)")
        ->capture_default_str();
    command
        .add_option("--max-length", maxLength,
                    "the greatest length for a count, in tokens (default: what the context holds)")
        ->transform(wholeNumber(1, 1 << 30));
    command
        .add_option("--depths", depths,
                    "where the needle goes: a count, evenly spaced from 0 to 1, or depths as 0,0.5,1 (one: 0.5)")
        ->capture_default_str();
    command.add_option("--needles", needles, "JSONL: needle, question and answer a line (default: the program's own)")
        ->check(notEmpty());
    command
        .add_option(
            "--haystack", haystack,
            "a text file, a folder of .txt files, or built-in for the program's own text (default: the essays, else "
            "that)")
        ->check(notEmpty());
    command.add_option("--max-new-tokens", maxNewTokens, "the longest answer, in tokens")
        ->capture_default_str()
        ->transform(wholeNumber(1, 1 << 20));
}

ProbeSettings CaseOptions::settings(ProbeKind kind) const
{
    ProbeSettings settings;
    settings.kind = kind;
    settings.filter = defaultFilter(kind);
    settings.maxNewTokens = maxNewTokens;
    settings.depths = depthsFrom(depths);
    checkLengths(lengths);
    settings.needles = needles.empty() ? builtInNeedles(kind) : readNeedles(needles);
    const Haystack text = haystack.empty() ? defaultHaystack() : haystackNamed(haystack);
    settings.haystack = text.text;
    settings.haystackName = text.name;
    return settings;
}

std::vector<int> CaseOptions::lengthsFor(const Model &model, const ProbeSettings &settings) const
{
    return lengthsFrom(*this,
                       longestLength(settings.needles, settings.maxNewTokens, model.tokenizer(),
                                     settings.chatFormat.value_or(model.chatFormat()), model.info().contextLength));
}

} // namespace headkv
