// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/EvaluationTableModel.h"

#include "core/evaluation/EvaluationNames.h"
#include "sessions/EvaluationSession.h"

#include <array>
#include <map>
#include <utility>

namespace headkv {

namespace {

constexpr int roundPause = 334; ///< milliseconds: three rounds a second
constexpr int slice = 8;        ///< milliseconds of work at a turn of the event loop: half a frame
constexpr double megabyte = 1e6;

struct ColumnText
{
    const char *title;
    const char *explanation;
    int decimals; ///< −1: no number
};

constexpr std::array<ColumnText, EvaluationTableModel::ColumnCount> columns{{
    {"Task", "What was asked: needles in a haystack, or a dataset of documents", -1},
    {"Method", "How the cache was compressed, and by which score set", -1},
    {"Budget", "Tokens that a head keeps on average, the window's included", 0},
    {"Score", "Mean over the cases answered so far, 0 to 100, by the task's metric", 1},
    {"95 %\ninterval", "Where the mean lies with 95 % confidence: bootstrap over the cases", 1},
    {"To the\nbest",
     "Points from the best method of the same task and budget, over the cases both have answered; known once the run "
     "has ended",
     1},
    {"p", "How often chance alone gives a distance to the best that is as large: paired bootstrap", 3},
    {"Cases", "Answered, of those there will be", 0},
    {"Prefill\ns", "Mean seconds a prompt took, which all methods share, without compression", 2},
    {"Compr.\ns", "Mean seconds to choose the tokens that are kept and drop the others", 3},
    {"Decode\ntokens/s", "Tokens a second while the method answered the task's first case, alone", 1},
    {"KV\nMB", "Mean size of the keys and values held right after the prompt, in 1,000,000 bytes", 2},
}};

QString number(double value, int decimals) { return QString::number(value, 'f', decimals); }

/// With a true minus.
QString signedNumber(double value)
{
    QString text = number(std::abs(value), 1);
    return value < 0 && text != QLatin1String("0.0") ? QStringLiteral("\u2212") + text : text;
}

} // namespace

EvaluationTableModel::EvaluationTableModel(const EvaluationSession &evaluation, QObject *parent)
    : QAbstractTableModel(parent)
    , m_evaluation(evaluation)
{
    m_round.setSingleShot(true);
    connect(&m_round, &QTimer::timeout, this, &EvaluationTableModel::compute);
    connect(&evaluation, &EvaluationSession::started, this, &EvaluationTableModel::reset);
    connect(&evaluation, &EvaluationSession::resumed, this, [this] { end(false); });
    connect(&evaluation, &EvaluationSession::answered, this, &EvaluationTableModel::answered);
    connect(&evaluation, &EvaluationSession::finished, this, [this] { end(true); });
    reset();
    end(true);
}

void EvaluationTableModel::reset()
{
    const EvaluationRun &run = m_evaluation.run();
    beginResetModel();
    m_rows.clear();
    for (std::size_t task = 0; task < run.tasks.size(); ++task) {
        for (std::size_t variant = 0; variant < run.variants.size(); ++variant) {
            m_rows.emplace_back();
            m_rows.back().task = task;
            m_rows.back().variant = variant;
            if (!run.tasks[task].lengths.empty())
                m_rows.back().grid.resize(run.tasks[task].lengths.size());
        }
    }
    m_standings.assign(m_rows.size(), {});
    for (std::set<int> *rows : {&m_waiting, &m_now, &m_pairs, &m_changed})
        rows->clear();
    endResetModel();
    m_ended = false;
    for (std::size_t result = 0; result < run.results.size(); ++result)
        answered(static_cast<int>(result));
}

void EvaluationTableModel::answered(int result)
{
    const EvaluationRun &run = m_evaluation.run();
    const EvaluationResult &answer = run.results[static_cast<std::size_t>(result)];
    m_waiting.insert(static_cast<int>(answer.task * run.variants.size() + answer.variant));
    if (!m_round.isActive())
        m_round.start(roundPause);
}

void EvaluationTableModel::end(bool ended)
{
    m_ended = ended;
    m_comparesNext = ended;
    m_pairs.clear();
    if (ended) {
        m_round.start(0);
        return;
    }
    for (std::size_t row = 0; row < m_standings.size(); ++row) { // of fewer answers than there will be
        if (std::exchange(m_standings[row].distance, std::nullopt))
            rowChanged(static_cast<int>(row));
    }
}

void EvaluationTableModel::compute()
{
    QElapsedTimer clock;
    clock.start();
    if (m_now.empty() && m_pairs.empty())
        m_now.swap(m_waiting);
    const auto takeAll = [&clock](std::set<int> &rows, auto work) {
        while (!rows.empty() && clock.elapsed() < slice)
            work(rows.extract(rows.begin()).value());
        return rows.empty();
    };
    if (!takeAll(m_now, [this](int row) { computeRow(row); }))
        return m_round.start(0);
    markBest();
    if (m_ended && m_waiting.empty() && std::exchange(m_comparesNext, false))
        queuePairs();
    if (!takeAll(m_pairs, [this](int row) { comparePair(row); }))
        return m_round.start(0);
    const QList<int> changed(m_changed.begin(), m_changed.end());
    m_changed.clear();
    if (!m_waiting.empty())
        m_round.start(m_ended ? 0 : roundPause);
    if (!changed.isEmpty())
        Q_EMIT computed(changed);
}

void EvaluationTableModel::computeRow(int row)
{
    EvaluationRow &old = m_rows[static_cast<std::size_t>(row)];
    old = summarizeRow(m_evaluation.run(), old.task, old.variant);
    rowChanged(row);
}

void EvaluationTableModel::rowChanged(int row)
{
    m_changed.insert(row);
    Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
}

int EvaluationTableModel::bestOf(int row) const
{
    const EvaluationRun &run = m_evaluation.run();
    const auto budgetOf = [&run](const EvaluationRow &one) { return run.variants[one.variant].budget(); };
    const EvaluationRow &own = m_rows[static_cast<std::size_t>(row)];
    int peers = 0, best = -1;
    const std::size_t first = own.task * run.variants.size();
    for (std::size_t other = first; other < first + run.variants.size(); ++other) {
        if (m_rows[other].cases == 0 || budgetOf(m_rows[other]) != budgetOf(own))
            continue;
        ++peers;
        if (best < 0 || m_rows[other].score > m_rows[static_cast<std::size_t>(best)].score)
            best = static_cast<int>(other);
    }
    return own.cases > 0 && peers > 1 ? best : -1;
}

void EvaluationTableModel::markBest()
{
    for (int row = 0; row < static_cast<int>(m_rows.size()); ++row) {
        const bool best = bestOf(row) == row;
        if (std::exchange(m_standings[static_cast<std::size_t>(row)].best, best) != best)
            rowChanged(row);
    }
}

void EvaluationTableModel::queuePairs()
{
    for (int row = 0; row < static_cast<int>(m_rows.size()); ++row) {
        const int best = bestOf(row);
        m_standings[static_cast<std::size_t>(row)].distance.reset();
        if (best >= 0 && best != row)
            m_pairs.insert(row);
    }
}

void EvaluationTableModel::comparePair(int row)
{
    const EvaluationRow &own = m_rows[static_cast<std::size_t>(row)];
    const EvaluationRow &best = m_rows[static_cast<std::size_t>(bestOf(row))];
    m_standings[static_cast<std::size_t>(row)].distance =
        compareVariants(m_evaluation.run(), own.task, best.variant, own.variant);
    rowChanged(row);
}

int EvaluationTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int EvaluationTableModel::columnCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant EvaluationTableModel::value(int row, int column) const
{
    const EvaluationRow &own = m_rows[static_cast<std::size_t>(row)];
    const Standing &standing = m_standings[static_cast<std::size_t>(row)];
    const EvaluationVariant &variant = m_evaluation.run().variants[own.variant];
    const auto measured = [](double number, bool known) { return known ? QVariant(number) : QVariant(); };
    switch (column) {
    case Task:
        return QString::fromStdString(displayName(m_evaluation.run().tasks[own.task]));
    case Method:
        return QString::fromStdString(displayName(variant));
    case Budget:
        return variant.hasBudget() ? QVariant(variant.compression.budget) : QVariant();
    case Score:
        return measured(own.score, own.cases > 0);
    case Interval:
        return measured(own.interval.low, own.cases > 0);
    case Behind:
        return standing.best
                   ? QVariant(0.0)
                   : measured(standing.distance ? -standing.distance->difference : 0, bool(standing.distance));
    case P:
        return measured(standing.distance ? standing.distance->p : 0, bool(standing.distance));
    case Cases:
        return static_cast<int>(own.cases);
    case Prefill:
        return measured(own.prefillSeconds, own.cases > 0);
    case Compress:
        return measured(own.compressSeconds, own.cases > 0);
    case Decode:
        return measured(own.decodeTokensPerSecond, own.decodeTokensPerSecond > 0);
    case Kv:
        return measured(static_cast<double>(own.kvBytesPrompt) / megabyte, own.cases > 0);
    default:
        return {};
    }
}

QString EvaluationTableModel::text(int row, int column) const
{
    const EvaluationRow &own = m_rows[static_cast<std::size_t>(row)];
    const int decimals = columns[static_cast<std::size_t>(column)].decimals;
    if (column == Cases)
        return tr("%1/%2").arg(own.cases).arg(m_evaluation.run().tasks[own.task].cases.size());
    const QVariant found = value(row, column);
    if (found.isNull())
        return QStringLiteral("\u2013");
    if (column == Interval)
        return number(own.interval.low, decimals) + QStringLiteral(" \u2013 ") + number(own.interval.high, decimals);
    if (column == Behind)
        return m_standings[static_cast<std::size_t>(row)].best ? tr("best") : signedNumber(found.toDouble());
    return decimals < 0 ? found.toString() : number(found.toDouble(), decimals);
}

QString EvaluationTableModel::explanation(int row, int column) const
{
    const std::optional<PairedComparison> &distance = m_standings[static_cast<std::size_t>(row)].distance;
    if ((column == Behind || column == P) && distance)
        return tr("%1 points from the best of this budget (95 %: %2 to %3), p = %4")
            .arg(signedNumber(-distance->difference), signedNumber(-distance->interval.high),
                 signedNumber(-distance->interval.low), number(distance->p, 3));
    return column == Task || column == Method ? text(row, column) : QString();
}

QVariant EvaluationTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const int row = index.row(), column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return text(row, column);
    case Qt::ToolTipRole:
        return explanation(row, column);
    case SortRole:
        return value(row, column);
    case BestRole:
        return m_standings[static_cast<std::size_t>(row)].best;
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(
            (columns[static_cast<std::size_t>(column)].decimals < 0 ? Qt::AlignLeft : Qt::AlignRight) |
            Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant EvaluationTableModel::headerData(int section, Qt::Orientation orientation, int role) const
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

} // namespace headkv
