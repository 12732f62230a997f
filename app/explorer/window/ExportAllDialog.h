// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/FolderExport.h"

#include <QDialog>
#include <QElapsedTimer>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSettings;
class QSpinBox;

namespace headkv {

class MessageBar;
class Page;
class Session;

/// A page and the folder that its files go into.
struct ExportPage
{
    QString name;
    Page *page = nullptr;
};

/// Writes all pages' figures, their numbers, score files, budgets and reports into a folder, and provenance.json, which
/// says what they came from.
class ExportAllDialog : public QDialog
{
    Q_OBJECT

public:
    /// All outlive the dialog.
    ExportAllDialog(const Session &session, std::vector<ExportPage> pages, QSettings &settings,
                    QWidget *parent = nullptr);

    void setFolder(const QString &folder);
    /// Of "svg", "pdf" and "png"; the numbers come as CSV with each figure.
    void setFormats(const QStringList &formats);
    void start();
    [[nodiscard]] bool isRunning() const { return m_export->isRunning(); }
    [[nodiscard]] const std::vector<ExportedFile> &written() const { return m_export->written(); }
    [[nodiscard]] MessageBar *messages() const { return m_message; }
    [[nodiscard]] QPushButton *startButton() const { return m_start; }
    /// What there is to write, in words.
    [[nodiscard]] QString summary() const;

Q_SIGNALS:
    void finished(bool good);

public Q_SLOTS:
    /// Cancels what runs, else closes.
    void reject() override;

private:
    void build();
    [[nodiscard]] QWidget *buildForm();
    [[nodiscard]] QStringList formats() const;
    [[nodiscard]] ExportOptions options() const;
    [[nodiscard]] std::vector<ExportFile> files() const;
    void count();
    void restore();
    void store();
    void chooseFolder();
    void update();
    void end(const QString &error, bool cancelled);

    const Session &m_session;
    std::vector<ExportPage> m_pages;
    QSettings &m_settings;
    FolderExport *m_export;
    QElapsedTimer m_clock;
    std::size_t m_figures = 0, m_others = 0; ///< figures and other files there are
    MessageBar *m_message;
    QLineEdit *m_folder;
    QPushButton *m_browse;
    QCheckBox *m_svg;
    QCheckBox *m_pdf;
    QCheckBox *m_png;
    QComboBox *m_width;
    QDoubleSpinBox *m_font;
    QSpinBox *m_dpi;
    QComboBox *m_theme;
    QWidget *m_form = nullptr;
    QLabel *m_summary;
    QProgressBar *m_bar;
    QPushButton *m_start;
    QPushButton *m_close;
};

} // namespace headkv
