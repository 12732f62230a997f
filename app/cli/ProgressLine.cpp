// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/ProgressLine.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sys/ioctl.h>
#include <unistd.h>

namespace headkv {

namespace {

constexpr std::chrono::milliseconds redrawInterval{100};
constexpr std::chrono::seconds lineInterval{10};
constexpr int barWidth = 24;

std::string bar(double share)
{
    const int full = static_cast<int>(share * barWidth);
    return "[" + std::string(full, '#') + std::string(barWidth - full, '.') + "]";
}

std::string duration(double seconds)
{
    const long whole = std::lround(seconds);
    char text[32];
    if (whole >= 3600)
        std::snprintf(text, sizeof text, "%ld h %02ld min", whole / 3600, whole / 60 % 60);
    else if (whole >= 60)
        std::snprintf(text, sizeof text, "%ld min %02ld s", whole / 60, whole % 60);
    else
        std::snprintf(text, sizeof text, "%ld s", whole);
    return text;
}

std::size_t terminalColumns()
{
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col : 80;
}

} // namespace

ProgressLine::ProgressLine()
    : m_terminal(::isatty(STDERR_FILENO) == 1)
{}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::clear()
{
    if (m_drawn)
        std::fputs("\r\x1b[K", stderr);
    m_drawn = false;
}

void ProgressLine::update(const Progress &progress)
{
    const Clock::time_point now = Clock::now();
    if (progress.stage != m_stage) {
        clear();
        m_stage = progress.stage;
        m_stageBegin = now;
        m_lastDrawn = now;
        return; // nothing to say yet; stages that pass in a moment are never shown
    }
    const bool finished = progress.total > 0 && progress.done >= progress.total;
    if (finished)
        clear();
    if (finished || now - m_lastDrawn < (m_terminal ? std::chrono::nanoseconds(redrawInterval)
                                                    : std::chrono::nanoseconds(lineInterval)))
        return;
    m_lastDrawn = now;
    std::string text = describe(progress, std::chrono::duration<double>(now - m_stageBegin).count());
    if (m_terminal) // a line that wraps could not be redrawn
        text.resize(std::min(text.size(), terminalColumns() - 1));
    std::fprintf(stderr, m_terminal ? "\r%s\x1b[K" : "%s\n", text.c_str());
    m_drawn = m_terminal;
}

std::string ProgressLine::describe(const Progress &progress, double seconds) const
{
    char figures[128];
    const double rate = seconds > 0 ? progress.done / seconds : 0;
    if (progress.total <= 0) {
        std::snprintf(figures, sizeof figures, " %.0f %s, %.3g/s", progress.done, progress.unit.c_str(), rate);
        return progress.stage + figures;
    }
    const double share = std::clamp(progress.done / progress.total, 0.0, 1.0);
    std::snprintf(figures, sizeof figures, " %.0f%%, %.0f of %.0f %s, %.3g/s", 100 * share, progress.done,
                  progress.total, progress.unit.c_str(), rate);
    const std::string rest = rate > 0 ? ", " + duration((progress.total - progress.done) / rate) + " left" : "";
    return progress.stage + " " + bar(share) + figures + rest;
}

} // namespace headkv
