// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/export/ChartExport.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QPushButton;
class QSpinBox;

namespace headkv {

class MessageBar;

/// Asks for format, size, resolution, font size and theme of a figure, shows it as it will be, and writes or copies it.
class ExportDialog : public QDialog
{
    Q_OBJECT
public:
    /// What the size follows. Own: the chart's figureSize().
    enum Preset { Own, OneColumn, TwoColumns, Custom };

    /// The chart has to outlive the dialog. The folder is where the file dialog starts.
    ExportDialog(const Chart &chart, const QString &folder, QWidget *parent = nullptr);
    ~ExportDialog() override;

    [[nodiscard]] ExportOptions options() const;
    void setOptions(const ExportOptions &options);
    [[nodiscard]] QString format() const; ///< "png", "svg", "pdf" or "csv"
    void setFormat(const QString &format);
    [[nodiscard]] Preset preset() const;
    void setPreset(Preset preset);
    /// Writes the chart; closes the dialog, or shows why not.
    bool saveTo(const QString &path);
    /// Puts the image of these options on the clipboard.
    void copy();

Q_SIGNALS:
    void saved(const QString &path);

private:
    void build();
    [[nodiscard]] QFormLayout *buildForm();
    void connectControls();
    void changePreset();
    void changeUnit();
    void changeSize();
    void updatePreview();
    void drawPreview();
    void chooseFile();

    const Chart &m_chart;
    QString m_folder;
    MessageBar *m_message;
    QLabel *m_preview;
    QLabel *m_pixels;
    QComboBox *m_format;
    QComboBox *m_preset;
    QComboBox *m_unit;
    QComboBox *m_theme;
    QDoubleSpinBox *m_width;
    QDoubleSpinBox *m_height;
    QDoubleSpinBox *m_font;
    QSpinBox *m_dpi;
    QCheckBox *m_shapes;
    QPushButton *m_copy;
    QPushButton *m_save;
    ExportOptions::Unit m_shownUnit = ExportOptions::Unit::Pixels;
    bool m_setting = false; ///< controls change by themselves
};

} // namespace headkv
