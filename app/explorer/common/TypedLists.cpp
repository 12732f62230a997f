// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/TypedLists.h"

#include "core/probe/ProbeSettings.h"

#include <QObject>
#include <QRegularExpression>
#include <QStringList>
#include <algorithm>

namespace headkv {

namespace {

constexpr int mostValues = 100;

QStringList parts(const QString &text)
{
    static const QRegularExpression separator(QStringLiteral("[,;\\s]+"));
    return text.split(separator, Qt::SkipEmptyParts);
}

} // namespace

TypedList<int> parseLengths(const QString &text)
{
    TypedList<int> list;
    static const QRegularExpression even(QStringLiteral("^\\s*(\\d{1,3})\\s*[x×]\\s*(\\d{1,8})\\s*$"));
    if (const QRegularExpressionMatch match = even.match(text); match.hasMatch()) {
        const int count = match.captured(1).toInt();
        const int most = match.captured(2).toInt();
        if (count < 1 || count > mostValues || most < count)
            return {{},
                    QObject::tr("Lengths: %1 does not give 1 to %2 lengths; write for example 4x2048")
                        .arg(text.trimmed())
                        .arg(mostValues)};
        return {evenLengths(count, most), {}};
    }
    const QStringList words = parts(text);
    for (const QString &word : words) {
        bool good = false;
        const int length = word.toInt(&good);
        if (!good || length < 1)
            return {{}, QObject::tr("Lengths: %1 is not a number of tokens; write for example 512, 1024").arg(word)};
        list.values.push_back(length);
    }
    if (list.values.empty() || list.values.size() > mostValues)
        list.problem = QObject::tr("Lengths: give 1 to %1 numbers of tokens, for example 512, 1024").arg(mostValues);
    return list;
}

TypedList<int> parseBudgets(const QString &text)
{
    TypedList<int> list;
    for (const QString &word : parts(text)) {
        bool good = false;
        const int budget = word.toInt(&good);
        if (!good || budget < 1)
            return {{}, QObject::tr("Budgets: %1 is not a number of tokens; write for example 64, 128").arg(word)};
        if (std::ranges::find(list.values, budget) != list.values.end())
            return {{}, QObject::tr("Budgets: %1 is there twice; take one out").arg(budget)};
        list.values.push_back(budget);
    }
    if (list.values.empty() || list.values.size() > mostValues)
        list.problem = QObject::tr("Budgets: give 1 to %1 numbers of tokens, for example 64, 128").arg(mostValues);
    return list;
}

TypedList<double> parseDepths(const QString &text)
{
    const QStringList words = parts(text);
    if (words.size() == 1) {
        bool whole = false;
        const int count = words.first().toInt(&whole);
        if (whole && count >= 1 && count <= mostValues)
            return {evenDepths(count), {}};
    }
    TypedList<double> list;
    for (const QString &word : words) {
        bool good = false;
        const double depth = word.toDouble(&good);
        if (!good || !(depth >= 0 && depth <= 1))
            return {{},
                    QObject::tr("Depths: %1 is not between 0 and 1; write a count such as 5, or for example 0, 0.5, 1")
                        .arg(word)};
        list.values.push_back(depth);
    }
    if (list.values.empty() || list.values.size() > mostValues)
        list.problem = QObject::tr("Depths: give a count such as 5, or 1 to %1 values between 0 and 1").arg(mostValues);
    return list;
}

} // namespace headkv
