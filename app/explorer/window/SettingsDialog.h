// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/Model.h"
#include "widgets/theme/ColorMap.h"
#include "widgets/theme/Theme.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QDialogButtonBox;
class QLabel;
class QSettings;
class QSpinBox;

namespace headkv {

/// How models are computed and how the window looks. Accepting it stores both; what follows from it is the window's.
class SettingsDialog : public QDialog
{
    Q_OBJECT

public:
    /// `canReload`: a model is loaded, and nothing runs.
    SettingsDialog(const Theme &theme, QSettings &settings, bool canReload, QWidget *window);

    [[nodiscard]] QComboBox *deviceBox() const { return m_device; }
    [[nodiscard]] QComboBox *dtypeBox() const { return m_dtype; }
    [[nodiscard]] QComboBox *weightsBox() const { return m_weights; }
    [[nodiscard]] QSpinBox *threadsBox() const { return m_threads; }
    [[nodiscard]] QComboBox *colorBox() const { return m_colors; }
    [[nodiscard]] QComboBox *themeBox() const { return m_theme; }
    [[nodiscard]] ThemeMode themeMode() const;
    [[nodiscard]] ModelOptions modelOptions() const;
    [[nodiscard]] ColorMap::Name colorMap() const;
    /// The loaded model shall be loaded anew.
    [[nodiscard]] bool wantsReload() const;

public Q_SLOTS:
    void accept() override;

private:
    void alignFields();
    [[nodiscard]] QWidget *buildModel();
    [[nodiscard]] QWidget *buildLook(const Theme &theme);
    void fill(const ModelOptions &options, ColorMap::Name map, ThemeMode mode);
    void update();
    /// Why the settings cannot be; empty: they can.
    [[nodiscard]] QString problem() const;

    QSettings &m_settings;
    bool m_canReload;
    ModelOptions m_before;
    QComboBox *m_device;
    QComboBox *m_dtype;
    QComboBox *m_weights;
    QSpinBox *m_threads;
    QComboBox *m_colors;
    QComboBox *m_theme;
    QCheckBox *m_reload;
    QLabel *m_problem;
    QDialogButtonBox *m_buttons;
};

} // namespace headkv
