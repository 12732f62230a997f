// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/model/TokenizerTester.h"

#include "app/explorer/common/FormHelpers.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/theme/Theme.h"

#include <QGridLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTableWidget>
#include <QTimer>
#include <algorithm>

namespace headkv {

namespace {

constexpr int mostRows = 2000; // what a person reads; the count is of all of them

/// White space made visible.
QString visiblePiece(QString piece)
{
    return piece.replace(QLatin1Char('\n'), QStringLiteral("⏎"))
        .replace(QLatin1Char('\t'), QStringLiteral("⇥"))
        .replace(QLatin1Char(' '), QStringLiteral("·"));
}

} // namespace

TokenizerTester::TokenizerTester(Session &session, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_text(named(new QPlainTextEdit(tr("The quick brown fox naps at noon.")), tr("Text to tokenize"),
                   tr("Type or paste text; its tokens show beside it")))
    , m_tokens(named(new QTableWidget(0, 2), tr("Tokens"),
                     tr("A token is the unit a model reads: its number, and the piece of text it stands for")))
    , m_count(named(new QLabel, tr("Number of tokens")))
    , m_delay(new QTimer(this))
{
    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addWidget(heading(tr("Tokenizer")), 0, 0);
    layout->addWidget(m_count, 0, 1, Qt::AlignRight);
    layout->addWidget(m_text, 1, 0);
    layout->addWidget(m_tokens, 1, 1);
    layout->setColumnStretch(0, 1);
    layout->setColumnStretch(1, 1);
    layout->setRowStretch(1, 1);
    m_text->setTabChangesFocus(true);
    m_tokens->setHorizontalHeaderLabels({tr("Id"), tr("Piece")});
    m_tokens->horizontalHeader()->setStretchLastSection(true);
    m_tokens->verticalHeader()->setDefaultSectionSize(22);
    m_tokens->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_tokens->setTabKeyNavigation(false);
    m_delay->setSingleShot(true);
    m_delay->setInterval(150);
    connect(m_text, &QPlainTextEdit::textChanged, m_delay, qOverload<>(&QTimer::start));
    connect(m_delay, &QTimer::timeout, this, &TokenizerTester::refresh);
    connect(&session, &Session::tokenized, this, &TokenizerTester::show);
}

void TokenizerTester::refresh()
{
    if (m_session.modelInfo())
        m_session.tokenize(m_text->toPlainText());
}

void TokenizerTester::show(const QString &text, const QVector<int> &ids, const QStringList &pieces)
{
    if (text != m_text->toPlainText())
        return; // an answer that came too late
    const int rows = static_cast<int>(std::min<qsizetype>({ids.size(), pieces.size(), mostRows}));
    m_tokens->setRowCount(rows);
    for (int row = 0; row < rows; ++row) {
        m_tokens->setItem(row, 0, new QTableWidgetItem(QString::number(ids[row])));
        m_tokens->setItem(row, 1, new QTableWidgetItem(visiblePiece(pieces[row])));
    }
    const QString count = tr("%1 tokens, %2 characters").arg(formatCount(ids.size()), formatCount(text.size()));
    m_count->setText(rows < ids.size() ? tr("%1 (the first %2 shown)").arg(count, formatCount(rows)) : count);
}

} // namespace headkv
