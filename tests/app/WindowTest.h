// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/window/MainWindow.h"
#include "core/probe/Haystack.h"
#include "core/probe/ProbeSettings.h"
#include "tests/app/Questions.h"
#include "widgets/theme/Theme.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>
#include <memory>

namespace headkv {

inline const QString tinyModel = QStringLiteral(HEADKV_GOLDENS "/tiny/tiny-f32.gguf");

/// A probe of the tiny model with two needles at one length: a few milliseconds a case.
inline ProbeSettings shortProbe(int depths)
{
    ProbeSettings settings;
    settings.lengths = {64};
    settings.depths = evenDepths(depths);
    settings.needles = {{"The key is under the mat.", "Where is the key?", "under the mat"},
                        {"The cup is on the shelf.", "Where is the cup?", "on the shelf"}};
    settings.haystack = "The rain fell on the town. People went home early. A dog slept by the door. ";
    settings.haystackName = "test";
    settings.filter.metric = ProbeFilter::Metric::None;
    settings.maxNewTokens = 4;
    return settings;
}

/// A test that drives a window of its own, with settings in a folder of its own.
class WindowTest : public QObject
{
protected:
    void openWindow(const QString &page = {})
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_settings = std::make_unique<QSettings>(m_folder->filePath("explorer.ini"), QSettings::IniFormat);
        m_theme = std::make_unique<Theme>();
        m_theme->setMode(ThemeMode::Light);
        m_theme->apply(*qApp);
        m_window = std::make_unique<MainWindow>(*m_theme, *m_settings);
        if (!page.isEmpty())
            m_window->showPage(page);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }
    /// Another window with the same folder and settings, as if the program was started again.
    void reopenWindow()
    {
        m_window = std::make_unique<MainWindow>(*m_theme, *m_settings);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }
    void closeWindow()
    {
        m_window.reset();
        m_theme.reset();
        m_settings.reset();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<MainWindow> m_window;
};

} // namespace headkv
