// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/ChatOptions.h"

#include "core/model/Model.h"
#include "core/text/Tokenizer.h"

#include <cstdio>

namespace headkv {

void ChatOptions::addTo(CLI::App &command)
{
    CLI::Option *systemOption =
        command.add_option("--system", system, "system prompt, instead of the one of the model's chat template");
    command
        .add_option("--chat-prefix", prefix,
                    "text before the user's words, instead of the model's chat template (\\n and \\t are read)")
        ->excludes(systemOption);
    command.add_option("--chat-suffix", suffix, "text after them, up to where the answer begins (likewise)")
        ->excludes(systemOption);
}

ChatFormat ChatOptions::formatFor(const Model &model, bool quiet) const
{
    if (!prefix.empty() || !suffix.empty())
        return ChatFormat::plain(unescape(prefix), unescape(suffix));
    const ChatFormat format = system.empty() || !model.hasTokenizer()
                                  ? model.chatFormat()
                                  : ChatFormat::fromVocabulary(model.tokenizer().vocabulary(), system);
    if (!format.problem.empty() && !quiet)
        std::fprintf(stderr,
                     "note: %s; the words go to the model as they are (--chat-prefix and --chat-suffix change that)\n",
                     format.problem.c_str());
    return format;
}

} // namespace headkv
