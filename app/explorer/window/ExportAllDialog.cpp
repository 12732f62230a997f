// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/ExportAllDialog.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/Page.h"
#include "app/explorer/window/Provenance.h"
#include "widgets/Formats.h"
#include "widgets/charts/Chart.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDesktopServices>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

namespace {

constexpr double paperFont = 8; // points, what journals ask of the smallest text

QString key(const char *name) { return QStringLiteral("exportAll/") + QLatin1String(name); }

} // namespace

ExportAllDialog::ExportAllDialog(const Session &session, std::vector<ExportPage> pages, QSettings &settings,
                                 QWidget *parent)
    : QDialog(parent)
    , m_session(session)
    , m_pages(std::move(pages))
    , m_settings(settings)
    , m_export(new FolderExport(this))
    , m_message(new MessageBar)
    , m_folder(new QLineEdit)
    , m_browse(iconButton(QStringLiteral("folder"), tr("&Browse…"), tr("Choose the folder")))
    , m_svg(new QCheckBox(tr("&SVG")))
    , m_pdf(new QCheckBox(tr("&PDF")))
    , m_png(new QCheckBox(tr("P&NG")))
    , m_width(new QComboBox)
    , m_font(new QDoubleSpinBox)
    , m_dpi(new QSpinBox)
    , m_theme(new QComboBox)
    , m_summary(named(new QLabel, tr("What will be written")))
    , m_bar(named(new QProgressBar, tr("Progress of the export")))
    , m_start(iconButton(QStringLiteral("export"), tr("&Export"), tr("Write all files")))
    , m_close(iconButton(QStringLiteral("close"), tr("Close"), {}))
{
    setWindowTitle(tr("Export all"));
    build();
    restore();
    for (QCheckBox *box : {m_svg, m_pdf, m_png})
        connect(box, &QCheckBox::toggled, this, &ExportAllDialog::update);
    connect(m_folder, &QLineEdit::textChanged, this, &ExportAllDialog::update);
    connect(m_browse, &QPushButton::clicked, this, &ExportAllDialog::chooseFolder);
    connect(m_start, &QPushButton::clicked, this, &ExportAllDialog::start);
    connect(m_close, &QPushButton::clicked, this, &ExportAllDialog::reject);
    connect(m_export, &FolderExport::progressed, this, [this](int done, int total) {
        m_bar->setRange(0, total);
        m_bar->setValue(done);
    });
    connect(m_export, &FolderExport::finished, this, &ExportAllDialog::end);
    connect(m_message, &MessageBar::actionTriggered, this,
            [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_folder->text())); });
    count();
    update();
}

void ExportAllDialog::count()
{
    for (const ExportPage &page : m_pages) {
        const ExportItems items = page.page->exportItems();
        m_figures += items.figures.size();
        m_others += items.files.size();
    }
}

void ExportAllDialog::build()
{
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(Theme::spacing);
    buttons->addStretch();
    buttons->addWidget(m_close);
    buttons->addWidget(m_start);
    m_start->setIcon({}); // the line icons take the text's colour, which does not show on a default button
    m_start->setDefault(true);
    m_summary->setWordWrap(true);
    m_bar->setTextVisible(false);
    m_form = buildForm();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing);
    layout->setSpacing(2 * Theme::spacing);
    layout->addWidget(m_message);
    layout->addWidget(m_form);
    layout->addWidget(m_summary);
    layout->addWidget(m_bar);
    layout->addStretch();
    layout->addLayout(buttons);
    setMinimumWidth(560);
}

QWidget *ExportAllDialog::buildForm()
{
    m_width->addItem(tr("One column, 85 mm"), ExportOptions::oneColumn);
    m_width->addItem(tr("Two columns, 178 mm"), ExportOptions::twoColumns);
    m_width->addItem(tr("Their own sizes"), 0.0);
    m_font->setRange(ExportOptions::minFontPoints, ExportOptions::maxFontPoints);
    m_font->setDecimals(1);
    m_font->setSingleStep(0.5);
    m_font->setSuffix(tr(" pt"));
    m_dpi->setRange(ExportOptions::minDpi, ExportOptions::maxDpi);
    m_theme->addItems({tr("Light"), tr("Dark")});
    auto *form = new QWidget;
    auto *layout = new QFormLayout(form);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    const auto row = [](std::initializer_list<QWidget *> widgets) {
        auto *box = new QHBoxLayout;
        box->setSpacing(Theme::spacing);
        for (QWidget *widget : widgets)
            box->addWidget(widget);
        return box;
    };
    auto *folder = row({m_folder, m_browse});
    layout->addRow(
        labelFor(m_folder, tr("F&older"), tr("Made if it is not there; files of the same names are replaced")), folder);
    auto *formats = row({m_svg, m_pdf, m_png});
    formats->addStretch();
    layout->addRow(new QLabel(tr("Figures as")), formats);
    m_svg->setToolTip(tr("Vectors, for editors and the web"));
    m_pdf->setToolTip(tr("Vectors, for LaTeX and print"));
    m_png->setToolTip(tr("Pixels, for slides and mail"));
    layout->addRow(labelFor(m_width, tr("&Width"), tr("Figures that cannot be read in one column take two")), m_width);
    layout->addRow(labelFor(m_font, tr("Fon&t size"), tr("Of the smallest text on paper")), m_font);
    layout->addRow(labelFor(m_dpi, tr("&Resolution of PNG (dpi)"), tr("Pixels to the inch")), m_dpi);
    layout->addRow(labelFor(m_theme, tr("T&heme"), tr("Colours for white paper, or for a dark slide")), m_theme);
    return form;
}

void ExportAllDialog::restore()
{
    const QString parent = m_settings.value(QStringLiteral("exportFolder"), QDir::homePath()).toString();
    m_folder->setText(
        m_settings.value(key("folder"), QDir(parent).filePath(QStringLiteral("headkv-export"))).toString());
    setFormats(
        m_settings.value(key("formats"), QStringList{QStringLiteral("svg"), QStringLiteral("pdf")}).toStringList());
    m_width->setCurrentIndex(std::clamp(m_settings.value(key("width"), 0).toInt(), 0, m_width->count() - 1));
    m_font->setValue(m_settings.value(key("fontPoints"), paperFont).toDouble());
    m_dpi->setValue(m_settings.value(key("dpi"), 300).toInt());
    m_theme->setCurrentIndex(m_settings.value(key("dark"), false).toBool() ? 1 : 0);
}

void ExportAllDialog::store()
{
    m_settings.setValue(key("folder"), m_folder->text());
    m_settings.setValue(key("formats"), formats());
    m_settings.setValue(key("width"), m_width->currentIndex());
    m_settings.setValue(key("fontPoints"), m_font->value());
    m_settings.setValue(key("dpi"), m_dpi->value());
    m_settings.setValue(key("dark"), m_theme->currentIndex() == 1);
}

void ExportAllDialog::setFolder(const QString &folder) { m_folder->setText(folder); }

void ExportAllDialog::setFormats(const QStringList &formats)
{
    m_svg->setChecked(formats.contains(QStringLiteral("svg")));
    m_pdf->setChecked(formats.contains(QStringLiteral("pdf")));
    m_png->setChecked(formats.contains(QStringLiteral("png")));
}

QStringList ExportAllDialog::formats() const
{
    QStringList chosen;
    for (const auto &[box, format] : {std::pair(m_svg, "svg"), std::pair(m_pdf, "pdf"), std::pair(m_png, "png")}) {
        if (box->isChecked())
            chosen.append(QLatin1String(format));
    }
    return chosen;
}

ExportOptions ExportAllDialog::options() const
{
    ExportOptions options;
    options.dpi = m_dpi->value();
    options.fontPoints = m_font->value();
    options.dark = m_theme->currentIndex() == 1;
    return options;
}

std::vector<ExportFile> ExportAllDialog::files() const
{
    std::vector<ExportFile> all;
    for (const auto &[name, page] : m_pages) {
        const ExportItems items = page->exportItems();
        std::vector<ExportFile> own = items.files;
        std::ranges::move(figureFiles(items, formats() + QStringList{QStringLiteral("csv")}, options(),
                                      m_width->currentData().toDouble()),
                          std::back_inserter(own));
        for (ExportFile &file : own) {
            file.name.prepend(name + QLatin1Char('/'));
            all.push_back(std::move(file));
        }
    }
    return all;
}

QString ExportAllDialog::summary() const { return m_summary->text(); }

void ExportAllDialog::update()
{
    const QString why = m_figures + m_others == 0 ? tr("There is nothing to export yet; open a session or scores first")
                        : m_folder->text().isEmpty() ? tr("Name a folder")
                                                     : QString();
    const std::size_t files = m_figures * static_cast<std::size_t>(formats().size());
    m_summary->setText(why.isEmpty() ? tr("%1 figures in %2 files and their numbers as CSV, %3 tables, scores, budgets "
                                          "and reports, and provenance.json, which says what they came from.")
                                           .arg(formatCount(static_cast<qint64>(m_figures)),
                                                formatCount(static_cast<qint64>(files)),
                                                formatCount(static_cast<qint64>(m_others)))
                                     : why + QLatin1Char('.'));
    m_bar->setVisible(isRunning());
    m_form->setEnabled(!isRunning());
    setRunnable(m_start, isRunning() ? tr("Files are being written") : why, tr("Write all files"));
    m_close->setText(isRunning() ? tr("Cancel") : tr("Close"));
    m_close->setAccessibleName(m_close->text());
}

void ExportAllDialog::chooseFolder()
{
    const QString folder =
        QFileDialog::getExistingDirectory(this, tr("Export all into a folder"), QFileInfo(m_folder->text()).path());
    if (!folder.isEmpty())
        m_folder->setText(folder);
}

void ExportAllDialog::start()
{
    if (isRunning())
        return;
    store();
    m_message->dismiss();
    m_clock.start();
    std::vector<ExportFile> all = files();
    // The last one, so that it names what was written.
    ExportItems last;
    last.add(QStringLiteral("provenance.json"), [this] { return provenanceJson(m_session, written()); });
    all.push_back(std::move(last.files.front()));
    m_export->start(m_folder->text(), std::move(all));
    update();
}

void ExportAllDialog::end(const QString &error, bool cancelled)
{
    update();
    const auto count = formatCount(static_cast<qint64>(written().size()));
    if (!error.isEmpty())
        m_message->showMessage(MessageBar::Kind::Error, error);
    else if (cancelled)
        m_message->showMessage(MessageBar::Kind::Warning, tr("Cancelled; %1 files are written.").arg(count));
    else
        m_message->showMessage(MessageBar::Kind::Info,
                               tr("%1 files in %2.").arg(count, formatDuration(m_clock.elapsed() / 1000.0)),
                               tr("Open folder"));
    Q_EMIT finished(error.isEmpty() && !cancelled);
}

void ExportAllDialog::reject()
{
    if (isRunning())
        m_export->cancel();
    else
        QDialog::reject();
}

} // namespace headkv
