// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/TableCopy.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "widgets/Csv.h"
#include "widgets/theme/Icons.h"

#include <QAction>
#include <QClipboard>
#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMessageBox>
#include <QSettings>
#include <QTableView>
#include <algorithm>
#include <numeric>

namespace headkv {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("headkv::TableCopy", text); }

QString fieldOf(const QModelIndex &index, bool tabs)
{
    const QVariant exact = index.data(Qt::UserRole);
    QString text = index.data().toString();
    // Where the cell shows one number, that number; a range stays as it is shown.
    if (exact.metaType().id() == QMetaType::Double && !text.contains(QStringLiteral(" – ")))
        text = csvNumber(exact.toDouble());
    return tabs ? text : csvField(text);
}

QList<int> selectedRows(const QTableView &view)
{
    QList<int> rows;
    for (const QModelIndex &index : view.selectionModel()->selectedRows())
        rows << index.row();
    std::ranges::sort(rows);
    return rows;
}

QList<int> allRows(const QAbstractItemModel &model)
{
    QList<int> rows(model.rowCount());
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
}

void copyRows(const QTableView &view, const QList<int> &rows)
{
    if (!rows.isEmpty())
        QGuiApplication::clipboard()->setText(tableText(*view.model(), rows, true));
}

void saveCsv(QTableView &view, QSettings &settings, const QString &name)
{
    const QString key = QStringLiteral("exportFolder");
    const QString path = QFileDialog::getSaveFileName(
        &view, tr("Export table"), settings.value(key).toString() + QLatin1Char('/') + name + QStringLiteral(".csv"),
        tr("Comma-separated values (*.csv)"));
    if (path.isEmpty())
        return;
    settings.setValue(key, QFileInfo(path).absolutePath());
    try {
        writeFileAtomically(path.toStdString(), tableText(*view.model(), false).toStdString());
    } catch (const Error &error) {
        QMessageBox::warning(&view, tr("Export table"), QString::fromUtf8(error.what()));
    }
}

} // namespace

QString tableText(const QAbstractItemModel &model, const QList<int> &rows, bool tabs)
{
    const QLatin1Char separator(tabs ? '\t' : ',');
    const auto line = [&](auto field) {
        QStringList fields;
        for (int column = 0; column < model.columnCount(); ++column)
            fields << field(column);
        return fields.join(separator) + QLatin1Char('\n');
    };
    QString text = line([&](int column) {
        const QString title =
            model.headerData(column, Qt::Horizontal).toString().replace(QLatin1Char('\n'), QLatin1Char(' '));
        return tabs ? title : csvField(title);
    });
    for (const int row : rows)
        text += line([&](int column) { return fieldOf(model.index(row, column), tabs); });
    return text;
}

QString tableText(const QAbstractItemModel &model, bool tabs) { return tableText(model, allRows(model), tabs); }

void enableTableCopy(QTableView *view, QSettings &settings, const QString &name)
{
    const auto add = [view](const char *icon, const QString &text, auto slot) {
        auto *action = new QAction(themedIcon(QLatin1String(icon)), text, view);
        view->addAction(action);
        QObject::connect(action, &QAction::triggered, view, slot);
        return action;
    };
    QAction *copy = add("copy", tr("Copy selected rows"), [view] { copyRows(*view, selectedRows(*view)); });
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    add("copy", tr("Copy all rows"), [view] { copyRows(*view, allRows(*view->model())); });
    add("export", tr("Export as CSV…"), [view, &settings, name] { saveCsv(*view, settings, name); });
    view->setContextMenuPolicy(Qt::ActionsContextMenu);
}

} // namespace headkv
