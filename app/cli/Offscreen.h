// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

class QApplication;

namespace headkv {

/// What drawing needs of Qt, without a screen: lives as long as charts do.
class Offscreen
{
public:
    Offscreen();
    ~Offscreen();
    Offscreen(const Offscreen &) = delete;
    Offscreen &operator=(const Offscreen &) = delete;

private:
    std::unique_ptr<QApplication> m_application;
};

} // namespace headkv
