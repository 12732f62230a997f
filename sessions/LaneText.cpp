// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/LaneText.h"

#include "core/base/Error.h"
#include "core/compression/CompressionMethod.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>

namespace headkv {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("headkv::Lane", text); }

QString count(std::size_t number)
{
    static const QLocale english(QLocale::English, QLocale::UnitedStates);
    return english.toString(static_cast<qulonglong>(number));
}

QString tokens(std::size_t number) { return number == 1 ? tr("1 token") : tr("%1 tokens").arg(count(number)); }

} // namespace

QString methodName(const std::string &method)
{
    try {
        const std::string_view name = compressionMethod(method).name;
        return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    } catch (const Error &) { // of a report by a later version
        return QString::fromStdString(method);
    }
}

QString laneTitle(const LaneSettings &settings)
{
    const CompressionSettings &compression = settings.compression;
    QStringList words{methodName(compression.method)};
    if (compression.method == "full")
        return words.first();
    words << tr("B %1").arg(count(static_cast<std::size_t>(std::max(0, compression.budget))));
    if (compression.beta)
        words << tr("β %1").arg(*compression.beta, 0, 'g', 6);
    if (granularityOf(compression) == Granularity::KvHead)
        words << tr("KV heads");
    return words.join(QStringLiteral(", "));
}

QString stopText(StopReason reason)
{
    switch (reason) {
    case StopReason::EndOfSequence:
        return tr("end of text");
    case StopReason::TokenLimit:
        return tr("token limit");
    case StopReason::ContextFull:
        return tr("context full");
    case StopReason::Cancelled:
        return tr("stopped");
    }
    return {};
}

QString stateText(const Lane &lane)
{
    const Generation &generation = lane.report.generation;
    switch (lane.state) {
    case LaneState::Waiting:
        return tr("Waiting for its turn");
    case LaneState::Prefilling:
        return tr("Prefill");
    case LaneState::Decoding:
        return tr("Decoding");
    case LaneState::Comparing:
        return tr("Comparing with FullKV");
    case LaneState::Stopped:
        return generation.emittedIds.empty() ? tr("Stopped before the first token")
                                             : tr("Stopped after %1").arg(tokens(generation.emittedIds.size()));
    case LaneState::Finished:
        return tr("Finished: %1").arg(stopText(generation.stopReason));
    case LaneState::Failed:
        return tr("Failed");
    case LaneState::Opened:
        return tr("From a file: %1").arg(stopText(generation.stopReason));
    }
    return {};
}

} // namespace headkv
