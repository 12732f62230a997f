// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSortFilterProxyModel>
#include <vector>

namespace headkv {

/// Sorts and filters a HeadTableModel by its numbers.
class HeadFilterModel : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit HeadFilterModel(QObject *parent = nullptr);

    /// Terms, of which a row must meet all: "18-6" (that head), "18-" (that layer), "-6" (that head in each layer), or
    /// a column with a comparison: layer, head, score, error, share (in per cent), rank; =, <, <=, >, >=: "score>0.01",
    /// "rank <= 20". Returns what is wrong with it, in one line; then the filter stays as it was.
    [[nodiscard]] QString setFilter(const QString &text);

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    struct Term
    {
        enum class Test { Equal, Less, LessOrEqual, Greater, GreaterOrEqual };
        int column = 0;
        Test test = Test::Equal;
        double value = 0;
    };
    [[nodiscard]] static bool parse(const QString &word, std::vector<Term> &terms);
    [[nodiscard]] static bool meets(double actual, const Term &term);

    std::vector<Term> m_terms;
};

} // namespace headkv
