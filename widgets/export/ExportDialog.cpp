// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/export/ExportDialog.h"

#include "widgets/charts/Chart.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Theme.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace headkv {

namespace {

constexpr double millimetresPerInch = 25.4;
constexpr QSize previewSize(420, 300);

} // namespace

ExportDialog::ExportDialog(const Chart &chart, const QString &folder, QWidget *parent)
    : QDialog(parent)
    , m_chart(chart)
    , m_folder(folder)
    , m_message(new MessageBar(this))
    , m_preview(new QLabel(this))
    , m_pixels(new QLabel(this))
    , m_format(new QComboBox(this))
    , m_unit(new QComboBox(this))
    , m_theme(new QComboBox(this))
    , m_width(new QDoubleSpinBox(this))
    , m_height(new QDoubleSpinBox(this))
    , m_dpi(new QSpinBox(this))
    , m_save(new QPushButton(tr("Save as…"), this))
{
    setWindowTitle(tr("Export figure"));
    build();
    ExportOptions options;
    options.size = chart.figureSize();
    setOptions(options);
    for (QComboBox *box : {m_format, m_theme}) {
        connect(box, &QComboBox::currentIndexChanged, this, &ExportDialog::updatePreview);
    }
    connect(m_unit, &QComboBox::currentIndexChanged, this, &ExportDialog::changeUnit);
    connect(m_width, &QDoubleSpinBox::valueChanged, this, &ExportDialog::updatePreview);
    connect(m_height, &QDoubleSpinBox::valueChanged, this, &ExportDialog::updatePreview);
    connect(m_dpi, &QSpinBox::valueChanged, this, &ExportDialog::updatePreview);
    connect(m_save, &QPushButton::clicked, this, &ExportDialog::chooseFile);
}

ExportDialog::~ExportDialog() = default;

void ExportDialog::build()
{
    m_format->addItem(tr("PNG image"), QStringLiteral("png"));
    m_format->addItem(tr("SVG vectors"), QStringLiteral("svg"));
    m_format->addItem(tr("PDF vectors"), QStringLiteral("pdf"));
    m_format->addItem(tr("CSV of the numbers"), QStringLiteral("csv"));
    m_unit->addItem(tr("pixels"));
    m_unit->addItem(tr("mm"));
    m_theme->addItem(tr("Light"));
    m_theme->addItem(tr("Dark"));
    for (QDoubleSpinBox *side : {m_width, m_height}) {
        side->setRange(1, ExportOptions::maxPixels);
        side->setKeyboardTracking(false);
    }
    m_dpi->setRange(ExportOptions::minDpi, ExportOptions::maxDpi);
    m_dpi->setKeyboardTracking(false);
    m_dpi->setToolTip(tr("Pixels to the inch. Text keeps its size on paper, so more dpi make it larger in pixels."));
    m_preview->setFixedSize(previewSize);
    m_preview->setAlignment(Qt::AlignCenter);
    m_preview->setAccessibleName(tr("Preview"));

    auto *sizes = new QHBoxLayout;
    sizes->setSpacing(Theme::spacing);
    sizes->addWidget(m_width, 1);
    sizes->addWidget(new QLabel(QStringLiteral("×"), this));
    sizes->addWidget(m_height, 1);
    sizes->addWidget(m_unit);
    auto *form = new QFormLayout;
    form->setSpacing(Theme::spacing);
    form->addRow(tr("&Format"), m_format);
    auto *sizeLabel = new QLabel(tr("&Size"), this);
    sizeLabel->setBuddy(m_width);
    form->addRow(sizeLabel, sizes);
    form->addRow(tr("&Resolution (dpi)"), m_dpi);
    form->addRow(tr("&Theme"), m_theme);
    form->addRow(QString(), m_pixels);
    m_width->setAccessibleName(tr("Width"));
    m_height->setAccessibleName(tr("Height"));
    m_unit->setAccessibleName(tr("Unit of the size"));

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    buttons->addButton(m_save, QDialogButtonBox::ActionRole);
    m_save->setDefault(true);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto *columns = new QHBoxLayout;
    columns->setSpacing(2 * Theme::spacing);
    columns->addWidget(m_preview);
    columns->addLayout(form, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing);
    layout->setSpacing(2 * Theme::spacing);
    layout->addWidget(m_message);
    layout->addLayout(columns);
    layout->addWidget(buttons);
}

ExportOptions ExportDialog::options() const
{
    ExportOptions options;
    options.size = QSizeF(m_width->value(), m_height->value());
    options.unit = m_shownUnit;
    options.dpi = m_dpi->value();
    options.dark = m_theme->currentIndex() == 1;
    return options;
}

void ExportDialog::setOptions(const ExportOptions &options)
{
    const QSignalBlocker blockUnit(m_unit);
    m_shownUnit = options.unit;
    m_unit->setCurrentIndex(options.unit == ExportOptions::Unit::Pixels ? 0 : 1);
    m_dpi->setValue(options.dpi);
    for (QDoubleSpinBox *side : {m_width, m_height}) {
        side->setDecimals(options.unit == ExportOptions::Unit::Pixels ? 0 : 1);
    }
    m_width->setValue(options.size.width());
    m_height->setValue(options.size.height());
    m_theme->setCurrentIndex(options.dark ? 1 : 0);
    updatePreview();
}

QString ExportDialog::format() const { return m_format->currentData().toString(); }

void ExportDialog::setFormat(const QString &format)
{
    m_format->setCurrentIndex(std::max(0, m_format->findData(format)));
    updatePreview();
}

void ExportDialog::changeUnit()
{
    // The same figure in the other unit.
    ExportOptions now = options();
    const bool toMillimetres = m_unit->currentIndex() == 1;
    now.size *= toMillimetres ? millimetresPerInch / now.dpi : now.dpi / millimetresPerInch;
    now.unit = toMillimetres ? ExportOptions::Unit::Millimetres : ExportOptions::Unit::Pixels;
    setOptions(now);
}

void ExportDialog::updatePreview()
{
    const bool isCsv = format() == QLatin1String("csv");
    for (QWidget *control : std::initializer_list<QWidget *>{m_width, m_height, m_unit, m_dpi, m_theme}) {
        control->setEnabled(!isCsv);
    }
    const QString error = isCsv ? QString() : ChartExport::check(options());
    m_save->setEnabled(error.isEmpty());
    m_save->setToolTip(error);
    if (!error.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Warning, error);
        m_preview->clear();
        m_pixels->clear();
        return;
    }
    m_message->dismiss();
    const ExportOptions shown = options();
    const QSize pixels = ChartExport::pixelSize(m_chart, shown);
    m_pixels->setText(isCsv ? tr("What is shown, as a table")
                            : tr("%1 × %2 pixels").arg(pixels.width()).arg(pixels.height()));
    // Drawn at the preview's own resolution: the figure itself may have hundreds of megapixels.
    const double ratio = std::min(
        1.0, std::min(double(previewSize.width()) / pixels.width(), double(previewSize.height()) / pixels.height()));
    const double scale = ratio * devicePixelRatioF();
    QImage image((QSizeF(pixels) * scale).toSize().expandedTo(QSize(1, 1)), QImage::Format_RGB32);
    const ChartStyle style = shown.dark ? ChartStyle::darkStyle() : ChartStyle::lightStyle();
    image.fill(style.background);
    m_chart.paint(image, ChartExport::layoutSize(m_chart, shown), scale * shown.dpi / ChartExport::layoutDpi, style,
                  false);
    image.setDevicePixelRatio(devicePixelRatioF());
    m_preview->setPixmap(QPixmap::fromImage(image));
}

void ExportDialog::chooseFile()
{
    const QString suffix = format();
    const QString start = QDir(m_folder).filePath(ChartExport::fileName(m_chart.title()) + QLatin1Char('.') + suffix);
    QString path = QFileDialog::getSaveFileName(this, tr("Export figure"), start,
                                                QStringLiteral("%1 (*.%2)").arg(m_format->currentText(), suffix));
    if (path.isEmpty()) {
        return;
    }
    if (!path.endsWith(QLatin1Char('.') + suffix, Qt::CaseInsensitive)) {
        path += QLatin1Char('.') + suffix;
    }
    saveTo(path);
}

bool ExportDialog::saveTo(const QString &path)
{
    const QString error = ChartExport::save(m_chart, path, options());
    if (!error.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Error, error);
        return false;
    }
    Q_EMIT saved(path);
    accept();
    return true;
}

} // namespace headkv
