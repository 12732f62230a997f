// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/compare/AnswerPanel.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/TableCopy.h"
#include "app/figures/EvaluationFigures.h"
#include "sessions/AnswerTableModel.h"
#include "sessions/EvaluationSession.h"
#include "widgets/Formats.h"
#include "widgets/controls/ElidedLabel.h"
#include "widgets/theme/Theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QTableView>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <array>

namespace headkv {

namespace {

QString paragraph(const QString &caption, const QString &text)
{
    return QStringLiteral("<p style='margin:0 0 6px 0'><b>%1</b><br>%2</p>")
        .arg(caption, text.trimmed().toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")));
}

} // namespace

/// Answers of a choice, with all the words in one of their columns.
class AnswerPanel::Filter : public QSortFilterProxyModel
{
public:
    Filter(const EvaluationSession &evaluation, QObject *parent)
        : QSortFilterProxyModel(parent)
        , m_evaluation(evaluation)
    {
        setSortRole(AnswerTableModel::SortRole);
    }

    [[nodiscard]] const AnswerChoice &choice() const { return m_choice; }
    void choose(const AnswerChoice &choice)
    {
        m_choice = choice;
        invalidateFilter();
    }
    void setWords(const QString &words)
    {
        m_words = words.trimmed();
        invalidateFilter();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override
    {
        const EvaluationRun &run = m_evaluation.run();
        const EvaluationResult &result = run.results[static_cast<std::size_t>(row)];
        const EvaluationCase &item = run.tasks[result.task].cases[result.item];
        if ((m_choice.task && *m_choice.task != result.task) ||
            (m_choice.variant && *m_choice.variant != result.variant) ||
            (m_choice.length && m_choice.length != item.lengthIndex) ||
            (m_choice.depth && m_choice.depth != item.depthIndex))
            return false;
        if (m_words.isEmpty())
            return true;
        for (int column = 0; column < AnswerTableModel::Score; ++column) {
            if (sourceModel()->index(row, column, parent).data().toString().contains(m_words, Qt::CaseInsensitive))
                return true;
        }
        return false;
    }

private:
    const EvaluationSession &m_evaluation;
    AnswerChoice m_choice;
    QString m_words;
};

AnswerPanel::AnswerPanel(const EvaluationSession &evaluation, QSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_evaluation(evaluation)
    , m_model(new AnswerTableModel(evaluation, this))
    , m_filter(new Filter(evaluation, this))
    , m_caption(named(new ElidedLabel, tr("Which answers are shown")))
    , m_words(named(new QLineEdit, tr("Find in the answers"), tr("Only rows with these words are shown")))
    , m_all(iconButton(QStringLiteral("reset"), tr("Show a&ll"), {}))
    , m_table(named(new QTableView, tr("Answers"), {}))
    , m_details(named(new QTextBrowser, tr("The chosen answer")))
{
    build();
    enableTableCopy(m_table, settings, QStringLiteral("answers"));
    connect(m_words, &QLineEdit::textChanged, this, [this](const QString &words) {
        m_filter->setWords(words);
        showCaption();
    });
    connect(m_all, &QPushButton::clicked, this, [this] { choose({}); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &AnswerPanel::showDetails);
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] {
        choose({});
        showDetails();
    });
    connect(m_model, &QAbstractItemModel::rowsInserted, this, &AnswerPanel::showCaption);
    showCaption();
}

void AnswerPanel::build()
{
    m_filter->setSourceModel(m_model);
    m_table->setModel(m_filter);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(24);
    const std::array<int, AnswerTableModel::ColumnCount> widths{76, 150, 104, 54, 120, 160, 48};
    for (int column = 0; column < AnswerTableModel::ColumnCount; ++column)
        m_table->setColumnWidth(column, widths[static_cast<std::size_t>(column)]);
    QHeaderView *header = m_table->horizontalHeader();
    header->setMinimumSectionSize(36);
    header->setHighlightSections(false);
    header->setSectionResizeMode(AnswerTableModel::Answer, QHeaderView::Stretch);
    m_words->setPlaceholderText(tr("Find…"));
    m_words->setClearButtonEnabled(true);
    m_words->setMaximumWidth(220);
    m_details->setPlaceholderText(tr("Choose an answer to read it in full."));
    auto *top = new QHBoxLayout;
    top->setSpacing(Theme::spacing);
    top->addWidget(m_caption, 1);
    top->addWidget(m_words);
    top->addWidget(m_all);
    auto *split = new QSplitter(Qt::Horizontal);
    split->addWidget(m_table);
    split->addWidget(m_details);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 1);
    split->setSizes({630, 190});
    split->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, Theme::spacing, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addLayout(top);
    layout->addWidget(split, 1);
}

void AnswerPanel::choose(const AnswerChoice &choice)
{
    m_filter->choose(choice);
    m_table->setColumnHidden(AnswerTableModel::Task, choice.task.has_value());
    for (const int column : {AnswerTableModel::Method, AnswerTableModel::Budget})
        m_table->setColumnHidden(column, choice.variant.has_value());
    showCaption();
}

void AnswerPanel::showCaption()
{
    const QString of = describe(m_filter->choice());
    const int shown = m_filter->rowCount();
    m_caption->setText((of.isEmpty() ? tr("All answers") : of) +
                       QStringLiteral(": %1").arg(formatCount(static_cast<qint64>(shown))));
    setRunnable(m_all, of.isEmpty() ? tr("All answers are shown") : QString(),
                tr("Show the answers of all rows and cells again"));
}

QString AnswerPanel::caption() const { return m_caption->text(); }

QString AnswerPanel::details() const { return m_details->toPlainText(); }

QString AnswerPanel::describe(const AnswerChoice &choice) const
{
    const EvaluationRun &run = m_evaluation.run();
    QStringList parts;
    if (choice.task)
        parts << taskName(run.tasks[*choice.task]);
    if (choice.variant) {
        const EvaluationVariant &variant = run.variants[*choice.variant];
        parts << methodName(variant);
        if (variant.hasBudget())
            parts << tr("budget %1").arg(variant.compression.budget);
    }
    if (choice.task && choice.length && choice.depth)
        parts << tr("%1 tokens, depth %2")
                     .arg(formatCount(run.tasks[*choice.task].lengths[*choice.length]),
                          formatPercent(run.tasks[*choice.task].depths[*choice.depth]));
    return parts.join(QStringLiteral(", "));
}

void AnswerPanel::showDetails()
{
    const QModelIndex index = m_filter->mapToSource(m_table->currentIndex());
    if (!index.isValid()) {
        m_details->clear();
        return;
    }
    const EvaluationRun &run = m_evaluation.run();
    const EvaluationResult &result = run.results[static_cast<std::size_t>(index.row())];
    const EvaluationTask &task = run.tasks[result.task];
    const EvaluationCase &item = task.cases[result.item];
    QStringList right;
    for (const std::string &answer : item.answers)
        right << QString::fromStdString(answer);
    m_details->setHtml(
        paragraph(tr("Case"), describe({result.task, result.variant, {}, {}}) + QLatin1Char('\n') +
                                  QString::fromStdString(item.name)) +
        paragraph(tr("Right answer"), right.join(QLatin1Char('\n'))) +
        paragraph(tr("Answer"), QString::fromStdString(result.text)) +
        paragraph(tr("Figures"),
                  tr("%1: %2 of 100 · window %3 tokens · %4 of keys and values behind the prompt")
                      .arg(metricName(task.metric), QString::number(result.score, 'f', 1), formatCount(result.window),
                           formatBytes(static_cast<double>(result.kvBytesPrompt)))));
}

} // namespace headkv
