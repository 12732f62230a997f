// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/ProbeSettings.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QStringList>
#include <vector>

namespace headkv {

/// Tokens of texts, by the text.
using TokenCounts = QHash<QString, int>;

/// The needles of a probe, to be edited, each with what is to be said of it: problems, with which no probe runs (the
/// answer does not occur in the needle), and remarks; and the tokens of needle and answer once they have been counted.
class NeedleTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { NeedleText, Question, Answer, Tokens, Check, ColumnCount };
    enum Role {
        ProblemRole = Qt::UserRole, ///< in words; empty: none
        RemarkRole,                 ///< in words; empty: none
    };

    explicit NeedleTableModel(QObject *parent = nullptr);

    void setNeedles(std::vector<Needle> needles);
    [[nodiscard]] const std::vector<Needle> &needles() const { return m_needles; }
    /// The first problem, empty: none.
    [[nodiscard]] QString problem() const;
    void appendNeedle(const Needle &needle);
    void insertNeedles(int row, const std::vector<Needle> &needles);

    /// Needles and answers whose tokens are not known.
    [[nodiscard]] QStringList uncounted() const;
    void addCounts(const TokenCounts &counts);
    /// Another tokenizer counts otherwise.
    void clearCounts();
    /// "20 needles of 34 to 52 tokens, answers of 5 to 9"; without tokens where they are not known.
    [[nodiscard]] QString summary() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    bool removeRows(int row, int count, const QModelIndex &parent = {}) override;

private:
    [[nodiscard]] QString tokensOf(const Needle &needle) const;

    std::vector<Needle> m_needles;
    TokenCounts m_counts;
};

} // namespace headkv
