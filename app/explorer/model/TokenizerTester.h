// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QVector>
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QTableWidget;
class QTimer;

namespace headkv {

class Session;

/// Text on the left, its tokens on the right: id and piece each.
class TokenizerTester : public QWidget
{
    Q_OBJECT

public:
    explicit TokenizerTester(Session &session, QWidget *parent = nullptr);

    /// Asks again, for another model.
    void refresh();

private:
    void show(const QString &text, const QVector<int> &ids, const QStringList &pieces);

    Session &m_session;
    QPlainTextEdit *m_text;
    QTableWidget *m_tokens;
    QLabel *m_count;
    QTimer *m_delay;
};

} // namespace headkv
