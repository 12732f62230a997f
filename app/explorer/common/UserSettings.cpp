// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/UserSettings.h"

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
    const QString dtype = settings.value(dtypeKey).toString(), weights = settings.value(weightsKey).toString();
    ModelOptions options;
    options.device = settings.value(deviceKey, QStringLiteral("auto")).toString().toStdString();
    options.dtype = dtype == QLatin1String("float32")    ? DType::Float32
                    : dtype == QLatin1String("float16")  ? DType::Float16
                    : dtype == QLatin1String("bfloat16") ? DType::BFloat16
                                                         : DType::Auto;
    options.weights = weights == QLatin1String("int4")    ? WeightForm::Int4
                      : weights == QLatin1String("dense") ? WeightForm::Dense
                                                          : WeightForm::Auto;
    if (options.weights == WeightForm::Int4 && options.dtype == DType::Float32)
        options.weights = WeightForm::Auto; // float32 means dense
    options.threads = std::clamp(settings.value(threadsKey, 0).toInt(), 0, mostThreads);
    return options;
}

void storeModelOptions(QSettings &settings, const ModelOptions &options)
{
    settings.setValue(deviceKey, QString::fromStdString(options.device));
    settings.setValue(dtypeKey, options.dtype == DType::Float32    ? QStringLiteral("float32")
                                : options.dtype == DType::Float16  ? QStringLiteral("float16")
                                : options.dtype == DType::BFloat16 ? QStringLiteral("bfloat16")
                                                                   : QStringLiteral("auto"));
    settings.setValue(weightsKey, options.weights == WeightForm::Int4    ? QStringLiteral("int4")
                                  : options.weights == WeightForm::Dense ? QStringLiteral("dense")
                                                                         : QStringLiteral("auto"));
    settings.setValue(threadsKey, options.threads);
}

ColorMap::Name storedColorMap(const QSettings &settings)
{
    return ColorMap::fromString(settings.value(colorsKey, QStringLiteral("viridis")).toString());
}

void storeColorMap(QSettings &settings, ColorMap::Name map) { settings.setValue(colorsKey, ColorMap::toString(map)); }

} // namespace headkv
