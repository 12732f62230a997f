// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/CommandPalette.h"

#include "app/explorer/common/ActionRegistry.h"
#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/window/FuzzyMatch.h"
#include "widgets/theme/Theme.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTextLayout>
#include <QVBoxLayout>
#include <algorithm>
#include <functional>
#include <vector>

namespace headkv {

namespace {

enum Role { IdRole = Qt::UserRole, ShortcutRole, ProblemRole, PositionsRole };

/// "File: Open…", the letters that were typed in bold, the shortcut at the right; below it why it cannot be done.
class CommandDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const int lines = index.data(ProblemRole).toString().isEmpty() ? 1 : 2;
        return {0, lines * option.fontMetrics.height() + 10};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const QString problem = index.data(ProblemRole).toString();
        const bool chosen = option.state.testFlag(QStyle::State_Selected);
        const QPalette &palette = option.palette;
        const auto group = problem.isEmpty() ? QPalette::Active : QPalette::Disabled;
        painter->save();
        if (chosen)
            painter->fillRect(option.rect, palette.color(QPalette::Active, QPalette::Highlight));
        const QColor ink =
            palette.color(chosen ? QPalette::Active : group, chosen ? QPalette::HighlightedText : QPalette::Text);
        painter->setPen(ink);
        const QRect room = option.rect.adjusted(Theme::spacing, 5, -Theme::spacing, -5);
        drawTitle(*painter, option, index, room);
        painter->drawText(room, Qt::AlignRight | Qt::AlignTop, index.data(ShortcutRole).toString());
        if (!problem.isEmpty()) {
            painter->setPen(chosen ? ink : palette.color(QPalette::Active, QPalette::PlaceholderText));
            const QRect below = room.adjusted(2 * Theme::spacing, option.fontMetrics.height(), 0, 0);
            painter->drawText(below, Qt::AlignLeft | Qt::AlignTop,
                              option.fontMetrics.elidedText(problem, Qt::ElideRight, below.width()));
        }
        painter->restore();
    }

private:
    static void drawTitle(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index,
                          const QRect &room)
    {
        QTextLayout layout(index.data().toString(), option.font);
        QList<QTextLayout::FormatRange> bold;
        for (const QVariant &position : index.data(PositionsRole).toList()) {
            QTextLayout::FormatRange range;
            range.start = position.toInt();
            range.length = 1;
            range.format.setFontWeight(QFont::Bold);
            range.format.setFontUnderline(true);
            bold.append(range);
        }
        layout.setFormats(bold);
        layout.beginLayout();
        layout.createLine();
        layout.endLayout();
        layout.draw(&painter, room.topLeft());
    }
};

} // namespace

CommandPalette::CommandPalette(const ActionRegistry &actions, const QString &own, QWidget *window)
    : QDialog(window, Qt::Popup)
    , m_actions(actions)
    , m_own(own)
    , m_edit(named(new QLineEdit, tr("Filter of the commands")))
    , m_list(named(new QListWidget, tr("Commands")))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Commands"));
    setAccessibleName(windowTitle());
    m_edit->setPlaceholderText(tr("Type a few letters of a command"));
    m_edit->installEventFilter(this);
    m_list->setItemDelegate(new CommandDelegate(m_list));
    m_list->setFocusPolicy(Qt::NoFocus); // the line has the keys
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(false);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(Theme::spacing, Theme::spacing, Theme::spacing, Theme::spacing);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(m_edit);
    layout->addWidget(m_list);
    resize(std::min(620, window->width() - 80), std::min(460, window->height() - 80));
    connect(m_edit, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runChosen);
    filter();
}

void CommandPalette::showEvent(QShowEvent *event)
{
    QDialog::showEvent(event);
    const QWidget *window = parentWidget();
    move(window->mapToGlobal(QPoint((window->width() - width()) / 2, 48)));
    m_edit->setFocus();
}

void CommandPalette::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    painter.setPen(palette().color(QPalette::Dark)); // a popup has no frame
    painter.setBrush(palette().color(QPalette::Window));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void CommandPalette::filter()
{
    struct Row
    {
        QString id, text;
        FuzzyMatch match;
    };
    std::vector<Row> rows;
    for (const QString &id : m_actions.ids()) {
        const QString text = ActionRegistry::group(id) + QStringLiteral(": ") + m_actions.title(id);
        const auto match = fuzzyMatch(m_edit->text(), text);
        if (match && id != m_own && m_actions.action(id)->isVisible())
            rows.push_back({id, text, *match});
    }
    std::ranges::stable_sort(rows, std::ranges::greater(), [](const Row &row) { return row.match.score; });
    m_list->clear();
    for (const Row &row : rows) {
        auto *item = new QListWidgetItem(row.text, m_list);
        item->setData(IdRole, row.id);
        item->setData(ShortcutRole, m_actions.action(row.id)->shortcut().toString(QKeySequence::NativeText));
        item->setData(ProblemRole, m_actions.problem(row.id));
        QVariantList positions;
        for (const int position : row.match.positions)
            positions.append(position);
        item->setData(PositionsRole, positions);
        item->setToolTip(m_actions.action(row.id)->toolTip());
    }
    if (rows.empty()) {
        auto *item = new QListWidgetItem(tr("No command has these letters"), m_list);
        item->setFlags(Qt::NoItemFlags);
    }
    m_list->setCurrentRow(0);
}

QStringList CommandPalette::shown() const
{
    QStringList ids;
    for (int row = 0; row < m_list->count(); ++row) {
        if (const QVariant id = m_list->item(row)->data(IdRole); id.isValid())
            ids.append(id.toString());
    }
    return ids;
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_edit || event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    const int last = m_list->count() - 1, row = m_list->currentRow();
    constexpr int page = 8;
    switch (static_cast<QKeyEvent *>(event)->key()) {
    case Qt::Key_Down:
        m_list->setCurrentRow(row == last ? 0 : row + 1);
        return true;
    case Qt::Key_Up:
        m_list->setCurrentRow(row <= 0 ? last : row - 1);
        return true;
    case Qt::Key_PageDown:
        m_list->setCurrentRow(std::min(last, row + page));
        return true;
    case Qt::Key_PageUp:
        m_list->setCurrentRow(std::max(0, row - page));
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        runChosen();
        return true;
    default:
        return QDialog::eventFilter(watched, event);
    }
}

void CommandPalette::runChosen()
{
    const QListWidgetItem *item = m_list->currentItem();
    QAction *action = item ? m_actions.action(item->data(IdRole).toString()) : nullptr;
    if (!action || !action->isEnabled())
        return;
    close(); // first: the action may open a dialog
    action->trigger();
}

} // namespace headkv
