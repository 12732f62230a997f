// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/probe/CasePanel.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/StartProblem.h"
#include "sessions/CaseTableModel.h"
#include "sessions/ProbeSession.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/theme/Theme.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

namespace headkv {

namespace {

QString paragraph(const QString &caption, const std::string &text)
{
    return QStringLiteral("<p style='margin:0 0 6px 0'><b>%1</b><br>%2</p>")
        .arg(caption,
             QString::fromStdString(text).trimmed().toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
}

/// Rows that passed, or all.
class PassedFilter : public QSortFilterProxyModel
{
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setPassedOnly(bool only)
    {
        m_only = only;
        invalidateFilter();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override
    {
        return !m_only || sourceModel()->index(row, 0, parent).data(CaseTableModel::PassedRole).toBool();
    }

private:
    bool m_only = false;
};

} // namespace

CasePanel::CasePanel(const Session &session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_model(new CaseTableModel(session.probe(), this))
    , m_filter(new PassedFilter(this))
    , m_table(
          named(new QTableView, tr("Cases"), tr("A case is one prompt: a needle at a depth in a haystack of a length")))
    , m_passedOnly(named(new QCheckBox(tr("Passed &only")), tr("Passed only"),
                         tr("Hide the cases whose answer did not pass the filter; they do not count for the scores")))
    , m_inspect(iconButton(QStringLiteral("search"), tr("&Look inside…"), {}))
    , m_save(iconButton(QStringLiteral("save"), tr("Save &report…"), {}))
    , m_details(named(new QTextBrowser, tr("The chosen case")))
{
    build();
    connect(m_passedOnly, &QCheckBox::toggled, this,
            [this](bool only) { static_cast<PassedFilter *>(m_filter)->setPassedOnly(only); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &CasePanel::showDetails);
    connect(m_model, &CaseTableModel::modelReset, this, &CasePanel::showDetails);
    connect(m_save, &QPushButton::clicked, this, &CasePanel::saveRequested);
    connect(m_inspect, &QPushButton::clicked, this, &CasePanel::inspectChosen);
    connect(m_table, &QTableView::activated, this, &CasePanel::inspectChosen);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &CasePanel::updateButton);
    connect(m_model, &CaseTableModel::modelReset, this, &CasePanel::updateButton);
    for (const auto signal : {&Session::activityChanged, &Session::modelChanged})
        connect(&session, signal, this, &CasePanel::updateButton);
    for (const auto signal : {&ProbeSession::started, &ProbeSession::cleared})
        connect(&session.probe(), signal, this, &CasePanel::updateButton);
    updateButton();
    showDetails();
}

void CasePanel::build()
{
    m_filter->setSourceModel(m_model);
    m_filter->setSortRole(CaseTableModel::SortRole);
    m_table->setModel(m_filter);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(24);
    const std::array<int, CaseTableModel::ColumnCount> widths{88, 64, 58, 120, 80, 40, 66, 74};
    for (int column = 0; column < CaseTableModel::ColumnCount; ++column)
        m_table->setColumnWidth(column, widths[column]);
    m_table->horizontalHeader()->setMinimumSectionSize(36);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(CaseTableModel::Answer, QHeaderView::Stretch);
    m_details->setPlaceholderText(
        tr("Choose a case to see its question, the answer that was expected, and what the model said."));
    auto *split = new QSplitter(Qt::Horizontal);
    split->addWidget(m_table);
    split->addWidget(m_details);
    split->setStretchFactor(0, 2);
    split->setStretchFactor(1, 1);
    split->setSizes({560, 240});
    split->setChildrenCollapsible(false);
    auto *top = new QHBoxLayout;
    top->addWidget(heading(tr("Cases")));
    top->addStretch();
    top->addWidget(m_passedOnly);
    top->addWidget(m_inspect);
    top->addWidget(m_save);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing / 2);
    layout->addLayout(top);
    layout->addWidget(split, 1);
}

void CasePanel::showDetails()
{
    const QModelIndex row = m_table->currentIndex();
    m_details->setHtml(row.isValid() ? describe(row.data(CaseTableModel::CaseIndexRole).toULongLong()) : QString());
}

QString CasePanel::describe(std::size_t caseIndex) const
{
    const ProbeSession &probe = m_session.probe();
    const auto settings = probe.settings();
    const auto cases = probe.cases();
    const auto &results = probe.results();
    const auto found = std::find_if(results.begin(), results.end(),
                                    [caseIndex](const auto &result) { return result->index == caseIndex; });
    if (!settings || !cases || caseIndex >= cases->size() || found == results.end())
        return {};
    const ProbeCase &probeCase = (*cases)[caseIndex];
    const ProbeCaseResult &result = **found;
    const Needle &needle = settings->needles[probeCase.needleIndex];
    const QString figures = tr("%1 tokens, depth %2 · prompt %3 tokens, answer at %4–%5 · ROUGE-1 %6, F1 %7 · %8 · %9")
                                .arg(formatCount(probeCase.length), formatPercent(probeCase.depth),
                                     formatCount(static_cast<qint64>(probeCase.promptIds.size())),
                                     formatCount(static_cast<qint64>(probeCase.span.begin)),
                                     formatCount(static_cast<qint64>(probeCase.span.end)))
                                .arg(result.rouge1Recall, 0, 'f', 1)
                                .arg(result.f1, 0, 'f', 1)
                                .arg(result.passed ? tr("passed") : tr("not passed"), formatDuration(result.seconds));
    return paragraph(tr("Question"), needle.question) + paragraph(tr("Expected"), needle.answer) +
           paragraph(tr("Answered"), result.text) + paragraph(tr("Needle"), needle.needle) +
           paragraph(tr("Figures"), figures.toStdString());
}

QString CasePanel::inspectProblem() const
{
    if (!m_table->currentIndex().isValid())
        return tr("Choose a case in the table first");
    if (QString busy = busyProblem(m_session); !busy.isEmpty())
        return busy;
    return m_session.probe().isOfModel() ? QString() : tr("The model that was probed is no longer loaded");
}

void CasePanel::updateButton()
{
    const QString busy = busyProblem(m_session);
    setRunnable(m_save,
                !busy.isEmpty()                 ? busy
                : m_session.probe().isOfModel() ? QString()
                                                : tr("There is no probe of the loaded model"),
                tr("Write all cases as headkv probe --report does; an unfinished probe can be opened and resumed"));
    setRunnable(m_inspect, inspectProblem(),
                tr("Its prompt, its answer step by step, and where each head looks (Enter)"));
}

void CasePanel::inspectChosen()
{
    if (inspectProblem().isEmpty())
        Q_EMIT inspectRequested(m_table->currentIndex().data(CaseTableModel::CaseIndexRole).toULongLong());
}

std::vector<std::size_t> CasePanel::order() const
{
    std::vector<std::size_t> cases;
    for (int row = 0; row < m_filter->rowCount(); ++row)
        cases.push_back(m_filter->index(row, 0).data(CaseTableModel::CaseIndexRole).toULongLong());
    return cases;
}

void CasePanel::choose(std::size_t caseIndex)
{
    const std::vector<std::size_t> cases = order();
    if (const auto at = std::ranges::find(cases, caseIndex); at != cases.end())
        m_table->setCurrentIndex(m_filter->index(static_cast<int>(at - cases.begin()), 0));
}

void CasePanel::chooseCase(int length, int depth)
{
    const auto cases = m_session.probe().cases();
    for (int row = 0; cases && row < m_filter->rowCount(); ++row) {
        const QModelIndex index = m_filter->index(row, 0);
        const ProbeCase &probeCase = (*cases)[index.data(CaseTableModel::CaseIndexRole).toULongLong()];
        if (static_cast<int>(probeCase.lengthIndex) == length && static_cast<int>(probeCase.depthIndex) == depth) {
            m_table->setCurrentIndex(index);
            return;
        }
    }
}

} // namespace headkv
