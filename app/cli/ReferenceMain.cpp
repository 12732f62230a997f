// SPDX-License-Identifier: GPL-3.0-or-later
// headkv-reference KIND: the manual page ("man") or a shell's completion ("bash", "zsh", "fish") of headkv on standard
// output. The build runs it; it is not installed.
#include "app/cli/Commands.h"
#include "app/cli/Reference.h"
#include "core/base/Installation.h"

#include <cstdio>
#include <exception>
#include <iostream>

int main(int argc, char **argv)
{
    try {
        const headkv::ProgramText program = headkv::describe(*headkv::makeProgram());
        const std::string kind = argc == 2 ? argv[1] : "";
        const std::string text = kind == "man"    ? headkv::manualPage(program, headkv::programVersion())
                                 : kind == "bash" ? headkv::bashCompletion(program)
                                 : kind == "zsh"  ? headkv::zshCompletion(program)
                                 : kind == "fish" ? headkv::fishCompletion(program)
                                                  : "";
        if (text.empty()) {
            std::cerr << "headkv-reference: name one of man, bash, zsh and fish\n";
            return 2;
        }
        std::cout << text << std::flush;
        return std::cout ? 0 : 1;
    } catch (const std::exception &error) {
        std::cerr << "headkv-reference: " << error.what() << "\n";
        return 1;
    }
}
