// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/export/ChartExport.h"

#include <QDialog>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace headkv {

class MessageBar;

/// Asks for format, size, resolution and theme of a figure, shows it as it will be, and writes it.
class ExportDialog : public QDialog
{
    Q_OBJECT
public:
    /// The chart has to outlive the dialog. The folder is where the file dialog starts.
    ExportDialog(const Chart &chart, const QString &folder, QWidget *parent = nullptr);
    ~ExportDialog() override;

    [[nodiscard]] ExportOptions options() const;
    void setOptions(const ExportOptions &options);
    [[nodiscard]] QString format() const; ///< "png", "svg", "pdf" or "csv"
    void setFormat(const QString &format);
    /// Writes the chart; closes the dialog, or shows why not.
    bool saveTo(const QString &path);

Q_SIGNALS:
    void saved(const QString &path);

private:
    void build();
    void changeUnit();
    void updatePreview();
    void chooseFile();

    const Chart &m_chart;
    QString m_folder;
    MessageBar *m_message;
    QLabel *m_preview;
    QLabel *m_pixels;
    QComboBox *m_format;
    QComboBox *m_unit;
    QComboBox *m_theme;
    QDoubleSpinBox *m_width;
    QDoubleSpinBox *m_height;
    QSpinBox *m_dpi;
    QPushButton *m_save;
    ExportOptions::Unit m_shownUnit = ExportOptions::Unit::Pixels;
};

} // namespace headkv
