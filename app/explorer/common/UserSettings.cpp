// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/UserSettings.h"

#include "core/model/OptionNames.h"

#include <QSettings>
#include <algorithm>

namespace headkv {

namespace {

const QString deviceKey = QStringLiteral("model/device");
const QString dtypeKey = QStringLiteral("model/dtype");
const QString weightsKey = QStringLiteral("model/weights");
const QString threadsKey = QStringLiteral("model/threads");
const QString colorsKey = QStringLiteral("colorMap");
constexpr int mostThreads = 1024;

} // namespace

ModelOptions storedModelOptions(const QSettings &settings)
{
    const auto text = [&settings](const QString &key) { return settings.value(key).toString().toStdString(); };
    ModelOptions options;
    options.device = settings.value(deviceKey, QStringLiteral("auto")).toString().toStdString();
    options.dtype = dtypeNamed(text(dtypeKey));
    options.weights = weightFormNamed(text(weightsKey));
    if (options.weights == WeightForm::Int4 && options.dtype == DType::Float32)
        options.weights = WeightForm::Auto; // float32 means dense
    options.threads = std::clamp(settings.value(threadsKey, 0).toInt(), 0, mostThreads);
    return options;
}

void storeModelOptions(QSettings &settings, const ModelOptions &options)
{
    settings.setValue(deviceKey, QString::fromStdString(options.device));
    settings.setValue(dtypeKey, QString::fromStdString(toString(options.dtype)));
    settings.setValue(weightsKey, QString::fromStdString(toString(options.weights)));
    settings.setValue(threadsKey, options.threads);
}

ColorMap::Name storedColorMap(const QSettings &settings)
{
    return ColorMap::fromString(settings.value(colorsKey, QStringLiteral("viridis")).toString());
}

void storeColorMap(QSettings &settings, ColorMap::Name map) { settings.setValue(colorsKey, ColorMap::toString(map)); }

} // namespace headkv
