// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/heads/ScoreShelf.h"
#include "widgets/charts/HeatmapData.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QSettings;
class QTableView;

namespace headkv {

class HeadFilterModel;
class HeadTableModel;

/// The heatmaps' table twin: sortable, filterable, copyable.
class HeadTablePanel : public QWidget
{
    Q_OBJECT

public:
    explicit HeadTablePanel(QSettings &settings, QWidget *parent = nullptr);

    void show(const std::vector<ShownSet> &sets);
    [[nodiscard]] HeadTableModel *model() const { return m_model; }
    [[nodiscard]] QTableView *view() const { return m_view; }
    [[nodiscard]] QLineEdit *filterEdit() const { return m_filter; }
    [[nodiscard]] QString problem() const;

Q_SIGNALS:
    void headChosen(headkv::HeadCell head);

private:
    void buildView();
    void filter();
    void countRows();

    HeadTableModel *m_model;
    HeadFilterModel *m_rows;
    QLineEdit *m_filter;
    QLabel *m_count;
    QTableView *m_view;
};

} // namespace headkv
