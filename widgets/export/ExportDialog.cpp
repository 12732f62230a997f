// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/export/ExportDialog.h"

#include "widgets/charts/Chart.h"
#include "widgets/controls/MessageBar.h"
#include "widgets/theme/Theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScopedValueRollback>
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
    , m_preset(new QComboBox(this))
    , m_unit(new QComboBox(this))
    , m_theme(new QComboBox(this))
    , m_width(new QDoubleSpinBox(this))
    , m_height(new QDoubleSpinBox(this))
    , m_font(new QDoubleSpinBox(this))
    , m_dpi(new QSpinBox(this))
    , m_shapes(new QCheckBox(tr("Text as s&hapes"), this))
    , m_copy(new QPushButton(tr("&Copy"), this))
    , m_save(new QPushButton(tr("&Save as…"), this))
{
    setWindowTitle(tr("Export figure"));
    build();
    setOptions({});
    setPreset(Own);
    connectControls();
}

ExportDialog::~ExportDialog() = default;

void ExportDialog::connectControls()
{
    for (QComboBox *box : {m_format, m_theme}) {
        connect(box, &QComboBox::currentIndexChanged, this, &ExportDialog::updatePreview);
    }
    connect(m_preset, &QComboBox::currentIndexChanged, this, &ExportDialog::changePreset);
    connect(m_unit, &QComboBox::currentIndexChanged, this, &ExportDialog::changeUnit);
    connect(m_width, &QDoubleSpinBox::valueChanged, this, &ExportDialog::changeSize);
    connect(m_height, &QDoubleSpinBox::valueChanged, this, &ExportDialog::changeSize);
    connect(m_dpi, &QSpinBox::valueChanged, this, &ExportDialog::changePreset);
    connect(m_font, &QDoubleSpinBox::valueChanged, this, &ExportDialog::changePreset);
    connect(m_copy, &QPushButton::clicked, this, &ExportDialog::copy);
    connect(m_save, &QPushButton::clicked, this, &ExportDialog::chooseFile);
}

void ExportDialog::build()
{
    m_format->addItem(tr("PNG image"), QStringLiteral("png"));
    m_format->addItem(tr("SVG vectors"), QStringLiteral("svg"));
    m_format->addItem(tr("PDF vectors"), QStringLiteral("pdf"));
    m_format->addItem(tr("CSV of the numbers"), QStringLiteral("csv"));
    m_preset->addItems({tr("Its own size"), tr("One column, 85 mm"), tr("Two columns, 178 mm"), tr("As typed below")});
    m_unit->addItems({tr("pixels"), tr("mm")});
    m_theme->addItems({tr("Light"), tr("Dark")});
    for (QDoubleSpinBox *side : {m_width, m_height}) {
        side->setRange(1, ExportOptions::maxPixels);
        side->setKeyboardTracking(false);
    }
    m_font->setRange(ExportOptions::minFontPoints, ExportOptions::maxFontPoints);
    m_font->setDecimals(1);
    m_font->setSingleStep(0.5);
    m_font->setSuffix(tr(" pt"));
    m_font->setKeyboardTracking(false);
    m_dpi->setRange(ExportOptions::minDpi, ExportOptions::maxDpi);
    m_dpi->setKeyboardTracking(false);
    m_preview->setFixedSize(previewSize);
    m_preview->setAlignment(Qt::AlignCenter);
    m_preview->setAccessibleName(tr("Preview"));

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    buttons->addButton(m_copy, QDialogButtonBox::ActionRole);
    buttons->addButton(m_save, QDialogButtonBox::ActionRole);
    m_save->setDefault(true);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto *columns = new QHBoxLayout;
    columns->setSpacing(2 * Theme::spacing);
    columns->addWidget(m_preview);
    columns->addLayout(buildForm(), 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing);
    layout->setSpacing(2 * Theme::spacing);
    layout->addWidget(m_message);
    layout->addLayout(columns);
    layout->addWidget(buttons);
}

QFormLayout *ExportDialog::buildForm()
{
    auto *sizes = new QHBoxLayout;
    sizes->setSpacing(Theme::spacing);
    sizes->addWidget(m_width, 1);
    sizes->addWidget(new QLabel(QStringLiteral("×"), this));
    sizes->addWidget(m_height, 1);
    sizes->addWidget(m_unit);
    auto *form = new QFormLayout;
    form->setSpacing(Theme::spacing);
    const auto add = [form, this](const QString &text, QWidget *control, auto *field, const QString &tip) {
        auto *label = new QLabel(text, this);
        label->setBuddy(control);
        label->setToolTip(tip);
        control->setToolTip(tip);
        QString name = text;
        control->setAccessibleName(name.remove(QLatin1Char('&')));
        form->addRow(label, field);
    };
    add(tr("&Format"), m_format, m_format, tr("SVG and PDF stay sharp at any size"));
    add(tr("F&its"), m_preset, m_preset, tr("The width of a page's columns; the height follows"));
    add(tr("Si&ze"), m_width, sizes, tr("Width and height of the figure on paper or screen"));
    add(tr("&Resolution (dpi)"), m_dpi, m_dpi,
        tr("Pixels to the inch. Text keeps its size on paper, so more dpi make it larger in pixels."));
    add(tr("Fo&nt size"), m_font, m_font, tr("Of the smallest text on paper; lines and gaps go with it"));
    add(tr("&Theme"), m_theme, m_theme, tr("Colours for white paper, or for a dark slide"));
    m_shapes->setToolTip(tr("Letters look the same where the font is missing, but cannot be edited as text"));
    form->addRow(QString(), m_shapes);
    form->addRow(QString(), m_pixels);
    m_width->setAccessibleName(tr("Width"));
    m_height->setAccessibleName(tr("Height"));
    m_unit->setAccessibleName(tr("Unit of the size"));
    m_copy->setToolTip(tr("The image and its numbers on the clipboard"));
    return form;
}

ExportOptions ExportDialog::options() const
{
    ExportOptions options;
    options.size = QSizeF(m_width->value(), m_height->value());
    options.unit = m_shownUnit;
    options.dpi = m_dpi->value();
    options.fontPoints = m_font->value();
    options.dark = m_theme->currentIndex() == 1;
    options.textAsShapes = m_shapes->isChecked();
    return options;
}

void ExportDialog::setOptions(const ExportOptions &options)
{
    const QScopedValueRollback setting(m_setting, true);
    m_shownUnit = options.unit;
    m_unit->setCurrentIndex(options.unit == ExportOptions::Unit::Pixels ? 0 : 1);
    m_dpi->setValue(options.dpi);
    m_font->setValue(options.fontPoints);
    for (QDoubleSpinBox *side : {m_width, m_height}) {
        side->setDecimals(options.unit == ExportOptions::Unit::Pixels ? 0 : 1);
    }
    const QSizeF size = options.size.isEmpty() ? ChartExport::pixelSize(m_chart, options) : options.size;
    m_width->setValue(size.width());
    m_height->setValue(size.height());
    m_theme->setCurrentIndex(options.dark ? 1 : 0);
    m_shapes->setChecked(options.textAsShapes);
    m_preset->setCurrentIndex(Custom);
    updatePreview();
}

QString ExportDialog::format() const { return m_format->currentData().toString(); }

void ExportDialog::setFormat(const QString &format)
{
    m_format->setCurrentIndex(std::max(0, m_format->findData(format)));
    updatePreview();
}

ExportDialog::Preset ExportDialog::preset() const { return static_cast<Preset>(m_preset->currentIndex()); }

void ExportDialog::setPreset(Preset preset)
{
    m_preset->setCurrentIndex(preset);
    changePreset();
}

/// The size follows what was chosen, and where that depends on them, font size and resolution.
void ExportDialog::changePreset()
{
    if (m_setting) {
        return;
    }
    const Preset chosen = preset();
    if (chosen == Custom) {
        updatePreview();
        return;
    }
    ExportOptions now = options();
    now.unit = chosen == Own ? ExportOptions::Unit::Pixels : ExportOptions::Unit::Millimetres;
    const double width = chosen == OneColumn ? ExportOptions::oneColumn : ExportOptions::twoColumns;
    now.size = chosen == Own ? QSizeF() : ChartExport::sizeForWidth(m_chart, width, now.fontPoints);
    setOptions(now);
    const QScopedValueRollback setting(m_setting, true);
    m_preset->setCurrentIndex(chosen);
}

void ExportDialog::changeUnit()
{
    if (m_setting) {
        return;
    }
    // The same figure in the other unit.
    ExportOptions now = options();
    const bool toMillimetres = m_unit->currentIndex() == 1;
    now.size *= toMillimetres ? millimetresPerInch / now.dpi : now.dpi / millimetresPerInch;
    now.unit = toMillimetres ? ExportOptions::Unit::Millimetres : ExportOptions::Unit::Pixels;
    setOptions(now);
}

void ExportDialog::changeSize()
{
    if (m_setting) {
        return;
    }
    const QScopedValueRollback setting(m_setting, true);
    m_preset->setCurrentIndex(Custom);
    updatePreview();
}

void ExportDialog::updatePreview()
{
    const bool isCsv = format() == QLatin1String("csv");
    for (QWidget *control :
         std::initializer_list<QWidget *>{m_preset, m_width, m_height, m_unit, m_dpi, m_font, m_theme}) {
        control->setEnabled(!isCsv);
    }
    m_shapes->setEnabled(format() == QLatin1String("svg"));
    const QString error = isCsv ? QString() : ChartExport::check(options());
    for (QPushButton *button : {m_copy, m_save}) {
        button->setEnabled(error.isEmpty());
    }
    m_save->setToolTip(error);
    if (!error.isEmpty()) {
        m_message->showMessage(MessageBar::Kind::Warning, error);
        m_preview->clear();
        m_pixels->clear();
        return;
    }
    if (isCsv || ChartExport::isLegible(m_chart, options())) {
        m_message->dismiss();
    } else {
        m_message->showMessage(MessageBar::Kind::Warning,
                               tr("Labels may run into each other at this size; make it larger or the text smaller."));
    }
    drawPreview();
}

void ExportDialog::drawPreview()
{
    const ExportOptions shown = options();
    const QSize pixels = ChartExport::pixelSize(m_chart, shown);
    m_pixels->setText(format() == QLatin1String("csv") ? tr("What is shown, as a table")
                                                       : tr("%1 × %2 pixels").arg(pixels.width()).arg(pixels.height()));
    // Drawn at the preview's own resolution: the figure itself may have hundreds of megapixels.
    const double ratio = std::min(
        1.0, std::min(double(previewSize.width()) / pixels.width(), double(previewSize.height()) / pixels.height()));
    const double scale = ratio * devicePixelRatioF();
    QImage image((QSizeF(pixels) * scale).toSize().expandedTo(QSize(1, 1)), QImage::Format_RGB32);
    const ChartStyle style = shown.dark ? ChartStyle::darkStyle() : ChartStyle::lightStyle();
    image.fill(style.background);
    m_chart.paint(image, ChartExport::layoutSize(m_chart, shown), scale * ChartExport::scale(shown), style, false);
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

void ExportDialog::copy()
{
    ChartExport::copy(m_chart, options());
    m_message->showMessage(MessageBar::Kind::Info, tr("The figure and its numbers are on the clipboard."));
}

} // namespace headkv
