// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/SettingsDialog.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/UserSettings.h"
#include "core/base/Error.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QThread>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

namespace {

void choose(QComboBox *box, int value) { box->setCurrentIndex(std::max(0, box->findData(value))); }

bool isSame(const ModelOptions &a, const ModelOptions &b)
{
    return a.device == b.device && a.dtype == b.dtype && a.weights == b.weights && a.threads == b.threads;
}

} // namespace

SettingsDialog::SettingsDialog(const Theme &theme, QSettings &settings, bool canReload, QWidget *window)
    : QDialog(window)
    , m_settings(settings)
    , m_canReload(canReload)
    , m_before(storedModelOptions(settings))
    , m_device(new QComboBox)
    , m_dtype(new QComboBox)
    , m_weights(new QComboBox)
    , m_threads(new QSpinBox)
    , m_colors(new QComboBox)
    , m_theme(new QComboBox)
    , m_reload(new QCheckBox(tr("Load the &model anew at once")))
    , m_problem(named(new QLabel, tr("What does not go together")))
    , m_buttons(
          new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel | QDialogButtonBox::RestoreDefaults))
{
    setWindowTitle(tr("Settings"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * Theme::spacing, Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(buildModel());
    layout->addWidget(buildLook(theme));
    alignFields();
    m_problem->setWordWrap(true);
    layout->addWidget(m_problem);
    layout->addWidget(m_buttons);
    setMinimumWidth(480);
    fill(m_before, storedColorMap(settings), theme.mode());
    for (QComboBox *box : {m_device, m_dtype, m_weights})
        connect(box, &QComboBox::currentIndexChanged, this, &SettingsDialog::update);
    connect(m_threads, &QSpinBox::valueChanged, this, &SettingsDialog::update);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &SettingsDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &SettingsDialog::reject);
    connect(m_buttons->button(QDialogButtonBox::RestoreDefaults), &QPushButton::clicked, this,
            [this] { fill({.device = "auto"}, ColorMap::Name::Viridis, ThemeMode::System); });
    update();
}

/// Both boxes' fields begin at one place.
void SettingsDialog::alignFields()
{
    const auto labels = findChildren<QLabel *>(); // as far as they are built
    int widest = 0;
    for (const QLabel *label : labels)
        widest = std::max(widest, label->sizeHint().width());
    for (QLabel *label : labels)
        label->setMinimumWidth(widest);
}

QWidget *SettingsDialog::buildModel()
{
    m_device->addItem(tr("Automatic"), QStringLiteral("auto"));
    m_device->addItem(tr("CPU"), QStringLiteral("cpu"));
    m_device->addItem(tr("CUDA"), QStringLiteral("cuda"));
    m_dtype->addItem(tr("Automatic"), static_cast<int>(DType::Auto));
    m_dtype->addItem(tr("bfloat16"), static_cast<int>(DType::BFloat16));
    m_dtype->addItem(tr("float16, on CUDA"), static_cast<int>(DType::Float16));
    m_dtype->addItem(tr("float32, exact"), static_cast<int>(DType::Float32));
    m_weights->addItem(tr("Automatic"), static_cast<int>(WeightForm::Auto));
    m_weights->addItem(tr("Dense"), static_cast<int>(WeightForm::Dense));
    m_weights->addItem(tr("4 bits"), static_cast<int>(WeightForm::Int4));
    m_threads->setRange(0, 1024);
    m_threads->setSpecialValueText(tr("one for each core (%1)").arg(QThread::idealThreadCount()));
    auto *box = new QGroupBox(tr("Models, from the next one that is loaded"));
    auto *form = new QFormLayout(box);
    form->setSpacing(Theme::spacing);
    const auto add = [form](QWidget *control, const QString &text, const QString &tip) {
        form->addRow(labelFor(control, text, tip), control);
    };
    add(m_device, tr("De&vice"), tr("Automatic: CUDA where this build has it and a device is there"));
    add(m_dtype, tr("&Compute in"),
        tr("Automatic: bfloat16 on CUDA and where the CPU multiplies it in hardware, else float32"));
    add(m_weights, tr("&Weights"),
        tr("How linear layers are held. Automatic: in 4 bits where the file has them so; float32 means dense"));
    add(m_threads, tr("Th&reads"), tr("Of the arithmetic"));
    form->addRow(QString(), m_reload);
    return box;
}

QWidget *SettingsDialog::buildLook(const Theme &theme)
{
    for (const ColorMap::Name map : ColorMap::sequential())
        m_colors->addItem(ColorMap::displayName(map), static_cast<int>(map));
    m_theme->addItem(tr("Light"), static_cast<int>(ThemeMode::Light));
    m_theme->addItem(tr("Dark"), static_cast<int>(ThemeMode::Dark));
    m_theme->addItem(tr("As the system (%1 now)").arg(theme.systemIsDark() ? tr("dark") : tr("light")),
                     static_cast<int>(ThemeMode::System));
    auto *box = new QGroupBox(tr("Look, at once"));
    auto *form = new QFormLayout(box);
    form->setSpacing(Theme::spacing);
    form->addRow(labelFor(m_colors, tr("Heatma&ps"), tr("Their colours: maps that read the same to colour-blind eyes")),
                 m_colors);
    form->addRow(labelFor(m_theme, tr("&Theme"), tr("Of the window; exported figures have a theme of their own")),
                 m_theme);
    return box;
}

void SettingsDialog::fill(const ModelOptions &options, ColorMap::Name map, ThemeMode mode)
{
    const QString device = QString::fromStdString(options.device);
    if (m_device->findData(device) < 0)
        m_device->addItem(device, device); // "cuda:1", set by hand
    m_device->setCurrentIndex(m_device->findData(device));
    choose(m_dtype, static_cast<int>(options.dtype));
    choose(m_weights, static_cast<int>(options.weights));
    m_threads->setValue(options.threads);
    choose(m_colors, static_cast<int>(map));
    choose(m_theme, static_cast<int>(mode));
}

void SettingsDialog::update()
{
    const ModelOptions options = modelOptions();
    const QString why = problem();
    m_problem->setText(why);
    m_problem->setVisible(!why.isEmpty());
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(why.isEmpty());
    const bool changed = !isSame(options, m_before);
    setRunnable(m_reload,
                !m_canReload ? tr("No model is loaded, or something runs")
                : !changed   ? tr("Nothing of it has changed")
                             : QString(),
                tr("Else they wait for the next model; probes and lanes of the loaded one cannot go on with another"));
}

QString SettingsDialog::problem() const
{
    const ModelOptions options = modelOptions();
    if (options.dtype == DType::Float32 && options.weights == WeightForm::Int4)
        return tr("4 bits do not go with float32, which means dense weights.");
    try {
        requireDevice(options.device);
    } catch (const Error &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

ThemeMode SettingsDialog::themeMode() const { return static_cast<ThemeMode>(m_theme->currentData().toInt()); }

ModelOptions SettingsDialog::modelOptions() const
{
    ModelOptions options;
    options.device = m_device->currentData().toString().toStdString();
    options.dtype = static_cast<DType>(m_dtype->currentData().toInt());
    options.weights = static_cast<WeightForm>(m_weights->currentData().toInt());
    options.threads = m_threads->value();
    return options;
}

ColorMap::Name SettingsDialog::colorMap() const { return static_cast<ColorMap::Name>(m_colors->currentData().toInt()); }

bool SettingsDialog::wantsReload() const { return m_reload->isEnabled() && m_reload->isChecked(); }

void SettingsDialog::accept()
{
    storeModelOptions(m_settings, modelOptions());
    storeColorMap(m_settings, colorMap());
    m_settings.setValue(QStringLiteral("theme"), toString(themeMode()));
    QDialog::accept();
}

} // namespace headkv
