// SPDX-License-Identifier: GPL-3.0-or-later
#include "sessions/HeadFilterModel.h"

#include "sessions/HeadTableModel.h"

#include <QHash>
#include <QRegularExpression>
#include <algorithm>

namespace headkv {

HeadFilterModel::HeadFilterModel(QObject *parent)
    : QSortFilterProxyModel(parent)
{
    setSortRole(HeadTableModel::SortRole);
}

QString HeadFilterModel::setFilter(const QString &text)
{
    // "rank <= 20" is one term.
    static const QRegularExpression around(QStringLiteral("\\s*([<>=]+)\\s*"));
    QString joined = text;
    joined.replace(around, QStringLiteral("\\1"));
    std::vector<Term> terms;
    const QStringList words = joined.split(QRegularExpression(QStringLiteral("[\\s,]+")), Qt::SkipEmptyParts);
    for (const QString &word : words) {
        if (!parse(word, terms))
            return tr("\"%1\" is no filter; write 18-6, 18-, -6, score>0.01 or rank<=20").arg(word);
    }
    m_terms = std::move(terms);
    invalidateFilter();
    return {};
}

bool HeadFilterModel::parse(const QString &word, std::vector<Term> &terms)
{
    static const QRegularExpression head(QStringLiteral("^(\\d*)-(\\d*)$"));
    static const QRegularExpression comparison(QStringLiteral("^([a-z]+)(=|<=|<|>=|>)([0-9.eE+-]+)$"),
                                               QRegularExpression::CaseInsensitiveOption);
    static const QHash<QString, int> columns{
        {QStringLiteral("layer"), HeadTableModel::Layer}, {QStringLiteral("head"), HeadTableModel::Head},
        {QStringLiteral("score"), HeadTableModel::Score}, {QStringLiteral("error"), HeadTableModel::StandardError},
        {QStringLiteral("share"), HeadTableModel::Share}, {QStringLiteral("rank"), HeadTableModel::Rank}};
    static const QHash<QString, Term::Test> tests{{QStringLiteral("="), Term::Test::Equal},
                                                  {QStringLiteral("<"), Term::Test::Less},
                                                  {QStringLiteral("<="), Term::Test::LessOrEqual},
                                                  {QStringLiteral(">"), Term::Test::Greater},
                                                  {QStringLiteral(">="), Term::Test::GreaterOrEqual}};
    if (const auto match = head.match(word); match.hasMatch() && word.size() > 1) {
        if (!match.captured(1).isEmpty())
            terms.push_back({HeadTableModel::Layer, Term::Test::Equal, match.captured(1).toDouble()});
        if (!match.captured(2).isEmpty())
            terms.push_back({HeadTableModel::Head, Term::Test::Equal, match.captured(2).toDouble()});
        return true;
    }
    const auto match = comparison.match(word);
    bool isNumber = false;
    const double value = match.captured(3).toDouble(&isNumber);
    const auto column = columns.constFind(match.captured(1).toLower());
    if (!isNumber || column == columns.constEnd())
        return false;
    terms.push_back({*column, tests.value(match.captured(2)), value});
    return true;
}

bool HeadFilterModel::meets(double actual, const Term &term)
{
    switch (term.test) {
    case Term::Test::Equal:
        return actual == term.value;
    case Term::Test::Less:
        return actual < term.value;
    case Term::Test::LessOrEqual:
        return actual <= term.value;
    case Term::Test::Greater:
        return actual > term.value;
    case Term::Test::GreaterOrEqual:
        return actual >= term.value;
    }
    return false;
}

bool HeadFilterModel::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    return std::ranges::all_of(m_terms, [&](const Term &term) {
        return meets(sourceModel()->index(row, term.column, parent).data(HeadTableModel::SortRole).toDouble(), term);
    });
}

} // namespace headkv
