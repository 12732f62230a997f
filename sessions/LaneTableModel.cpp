// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/LaneTableModel.h"

#include "sessions/LaneText.h"

#include <QLocale>
#include <array>

namespace headkv {

namespace {

struct ColumnText
{
    const char *title;
    const char *key; ///< in the CSV
    const char *explanation;
    int decimals; ///< −1: no number
    double unit;  ///< what is shown is the value times this
};

constexpr double perMebi = 1.0 / (1024 * 1024);

constexpr std::array<ColumnText, LaneTableModel::ColumnCount> columns{{
    {"Lane", "lane", "The method and its settings", -1, 1},
    {"First\ntoken s", "first_token_s", "From the start of prefill to the first token", 3, 1},
    {"Prefill\ns", "prefill_s", "The prompt's way through the model, without compression", 3, 1},
    {"Compr.\ns", "compress_s", "Choosing the tokens that are kept and dropping the others", 3, 1},
    {"Tokens\n/s", "decode_tokens_per_s", "Tokens after the first, a second", 1, 1},
    {"p50\nms", "token_ms_p50", "Half of the tokens after the first took no longer", 1, 1},
    {"p95\nms", "token_ms_p95", "95 of 100 tokens after the first took no longer", 1, 1},
    {"Peak KV\nMiB", "kv_bytes_peak", "The most that the cache held, a layer that is whole during prefill included", 2,
     perMebi},
    {"Device\nMiB", "device_peak_bytes",
     "The most that the program held on the device: weights, keys and values, workspace", 0, perMebi},
    {"Work-\nspace MiB", "device_workspace_bytes", "What of the device's peak is neither weights nor keys and values",
     0, perMebi},
    {"Real\n%", "real_share", "Real compression: bytes held after prefill, of what FullKV holds then", 1, 100},
    {"Nominal\n%", "nominal_share", "Nominal compression: the budget, of the prompt's tokens", 1, 100},
    {"Same\ntoken %", "same_next_token",
     "Where FullKV's text is fed to both: how often both find the same next token "
     "likeliest",
     1, 100},
    {"Mean\nKL", "mean_kl",
     "Where FullKV's text is fed to both: how far the next token's distributions are "
     "apart; 0 is the same",
     4, 1},
    {"Tokens", "tokens", "Written, with the token that ends the text", 0, 1},
    {"Ended by", "stop", "What ended the text", -1, 1},
}};

/// A value that is measured; nothing before.
QVariant measured(double value, bool known) { return known ? QVariant(value) : QVariant(); }

} // namespace

LaneTableModel::LaneTableModel(const std::vector<Lane> &lanes, QObject *parent)
    : QAbstractTableModel(parent)
    , m_lanes(lanes)
    , m_rows(static_cast<int>(lanes.size()))
{}

void LaneTableModel::reset()
{
    beginResetModel();
    m_rows = static_cast<int>(m_lanes.size());
    endResetModel();
}

void LaneTableModel::laneChanged(int lane)
{
    if (lane >= 0 && lane < m_rows)
        Q_EMIT dataChanged(index(lane, 0), index(lane, ColumnCount - 1));
}

int LaneTableModel::rowCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : m_rows; }

int LaneTableModel::columnCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant LaneTableModel::value(const Lane &lane, int column) const
{
    const Generation &generation = lane.report.generation;
    const RunMetrics &metrics = generation.metrics;
    const bool decoded = metrics.perTokenMilliseconds.size() > 1;
    const bool ended = lane.state == LaneState::Stopped || lane.state == LaneState::Finished ||
                       lane.state == LaneState::Comparing || lane.state == LaneState::Opened;
    switch (column) {
    case Title:
        return laneTitle(lane.settings);
    case FirstToken:
        return measured(metrics.firstTokenSeconds, metrics.firstTokenSeconds > 0);
    case Prefill:
        return measured(metrics.prefillSeconds, metrics.prefillSeconds > 0);
    case Compression:
        return measured(metrics.compressSeconds, metrics.prefillSeconds > 0);
    case Rate:
        return measured(metrics.decodeTokensPerSecond(), metrics.decodeTokensPerSecond() > 0);
    case P50:
        return measured(metrics.latencyPercentile(0.5), decoded);
    case P95:
        return measured(metrics.latencyPercentile(0.95), decoded);
    case PeakKv:
        return measured(static_cast<double>(metrics.kvBytesPeak), metrics.kvBytesPeak > 0);
    case PeakDevice:
        return measured(static_cast<double>(metrics.devicePeakBytes), metrics.devicePeakBytes > 0);
    case Workspace:
        return measured(static_cast<double>(metrics.deviceWorkspaceBytes(lane.report.weightBytes)),
                        metrics.devicePeakBytes > 0);
    case RealShare:
        return measured(metrics.realShare(), lane.hasPrefilled());
    case NominalShare:
        return measured(lane.report.nominalShare(), lane.hasPrefilled());
    case SameToken:
        return lane.report.agreement ? QVariant(lane.report.agreement->sameNextToken) : QVariant();
    case MeanKl:
        return lane.report.agreement ? QVariant(lane.report.agreement->meanKl) : QVariant();
    case Tokens:
        return measured(static_cast<double>(generation.emittedIds.size()), !generation.emittedIds.empty());
    case Stop:
        return lane.state == LaneState::Failed ? tr("failure")
               : ended                         ? QVariant(stopText(generation.stopReason))
                                               : QVariant();
    default:
        return {};
    }
}

QVariant LaneTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid) ||
        index.row() >= static_cast<int>(m_lanes.size()))
        return {};
    const ColumnText &column = columns[static_cast<std::size_t>(index.column())];
    const Lane &lane = m_lanes[static_cast<std::size_t>(index.row())];
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((column.decimals < 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && index.column() == Stop && lane.state == LaneState::Failed)
        return lane.problem;
    if (role != Qt::DisplayRole && role != SortRole)
        return {};
    QVariant found = value(lane, index.column());
    if (role == SortRole || column.decimals < 0)
        return found;
    return found.isNull() ? QStringLiteral("–") : QString::number(found.toDouble() * column.unit, 'f', column.decimals);
}

QVariant LaneTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return QAbstractTableModel::headerData(section, orientation, role);
    const ColumnText &column = columns[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole)
        return QString::fromUtf8(column.title);
    if (role == Qt::ToolTipRole)
        return QString::fromUtf8(column.explanation);
    return {};
}

QString LaneTableModel::csv() const
{
    QStringList keys;
    for (const ColumnText &column : columns)
        keys.append(QString::fromLatin1(column.key));
    QString text = keys.join(QLatin1Char(',')) + QLatin1Char('\n');
    for (int row = 0; row < m_rows && row < static_cast<int>(m_lanes.size()); ++row) {
        QStringList fields;
        for (int column = 0; column < ColumnCount; ++column) {
            const QVariant found = value(m_lanes[static_cast<std::size_t>(row)], column);
            const bool number = columns[static_cast<std::size_t>(column)].decimals >= 0;
            fields.append(found.isNull() ? QString()
                          : number       ? QString::number(found.toDouble(), 'g', QLocale::FloatingPointShortest)
                                         : QLatin1Char('"') + found.toString() + QLatin1Char('"'));
        }
        text += fields.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return text;
}

} // namespace headkv
