// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/heads/HeadTablePanel.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/TableCopy.h"
#include "sessions/HeadFilterModel.h"
#include "sessions/HeadTableModel.h"
#include "widgets/Formats.h"
#include "widgets/theme/Theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QVBoxLayout>

namespace headkv {

HeadTablePanel::HeadTablePanel(QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_model(new HeadTableModel(this))
    , m_rows(new HeadFilterModel(this))
    , m_filter(new QLineEdit)
    , m_count(new QLabel)
    , m_view(named(new QTableView, tr("Heads and their scores"), tr("Enter or a double click pins a head")))
{
    m_rows->setSourceModel(m_model);
    buildView();
    m_filter->setPlaceholderText(tr("18-6, layer=18, score>0.01, rank<=20"));
    m_filter->setClearButtonEnabled(true);
    auto *top = new QHBoxLayout;
    top->setSpacing(Theme::spacing);
    top->addWidget(labelFor(m_filter, tr("Fi&lter"),
                            tr("Rows that meet all terms: 18-6 is a head, 18- a layer, -6 a head in each layer; layer, "
                               "head, score, error, share (in per cent) and rank compare with =, <, <=, >, >=")));
    top->addWidget(m_filter, 1);
    top->addWidget(m_count);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, Theme::spacing, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addLayout(top);
    layout->addWidget(m_view, 1);
    enableTableCopy(m_view, settings, tr("heads"));
    connect(m_filter, &QLineEdit::textChanged, this, &HeadTablePanel::filter);
}

void HeadTablePanel::buildView()
{
    m_view->setModel(m_rows);
    m_view->setSortingEnabled(true);
    m_view->sortByColumn(HeadTableModel::Rank, Qt::AscendingOrder);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setTabKeyNavigation(false);
    m_view->setWordWrap(false);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed); // 16,000 rows are not measured one by one
    m_view->verticalHeader()->setDefaultSectionSize(24);
    m_view->horizontalHeader()->setHighlightSections(false);
    m_view->horizontalHeader()->setResizeContentsPrecision(20);
    connect(m_view, &QTableView::activated, this, [this](const QModelIndex &index) {
        const auto number = [&index](int column) {
            return index.siblingAtColumn(column).data(HeadTableModel::SortRole).toInt();
        };
        Q_EMIT headChosen({number(HeadTableModel::Layer), number(HeadTableModel::Head)});
    });
}

void HeadTablePanel::show(const std::vector<ShownSet> &sets)
{
    std::vector<HeadTableSet> rows;
    for (const ShownSet &set : sets)
        rows.push_back({set.name, set.scores, set.summary, set.statistics});
    const bool grouped = !sets.empty() && sets.front().groupSize > 1;
    m_model->setSets(rows, grouped ? tr("KV group") : tr("Head"));
    m_view->resizeColumnsToContents();
    countRows();
}

QString HeadTablePanel::problem() const { return m_filter->property("problem").toString(); }

void HeadTablePanel::filter()
{
    const QString wrong = m_rows->setFilter(m_filter->text());
    m_filter->setProperty("problem", wrong);
    countRows();
    if (!wrong.isEmpty())
        m_count->setText(tr("not understood"));
    m_count->setToolTip(wrong);
    m_filter->setAccessibleDescription(wrong);
}

void HeadTablePanel::countRows()
{
    m_count->setText(tr("%1 of %2").arg(formatCount(m_rows->rowCount()), formatCount(m_model->rowCount())));
}

} // namespace headkv
