// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/KeptPanel.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/generate/LaneNames.h"
#include "core/compression/CompressionMethod.h"
#include "widgets/Formats.h"
#include "widgets/controls/ElidedLabel.h"
#include "widgets/text/TokenView.h"
#include "widgets/theme/Theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace headkv {

namespace {

QString visiblePiece(QString piece)
{
    return piece.replace(QLatin1Char('\n'), QStringLiteral("⏎")).replace(QLatin1Char('\t'), QStringLiteral("⇥"));
}

/// What stands for the words of a report that was opened without a model.
QStringList spelledIds(const Lane *lane)
{
    QStringList pieces;
    if (!lane || lane->state != LaneState::Opened)
        return pieces;
    for (const auto *ids : {&lane->report.generation.historyIds, &lane->report.generation.promptIds}) {
        for (const TokenId id : *ids)
            pieces.append(QStringLiteral("%1 ").arg(id));
    }
    return pieces;
}

/// Why nothing is known of what a lane keeps.
QString whyUnknown(const Lane &lane)
{
    if (lane.isFullKv())
        return KeptPanel::tr("FullKV keeps every token");
    if (lane.state == LaneState::Opened)
        return KeptPanel::tr("The report does not say what is kept");
    return lane.hasPrefilled() ? KeptPanel::tr("Too much to record for a prompt of this length")
                               : KeptPanel::tr("Known after prefill");
}

int listsOf(const Lane &lane)
{
    const HeadShape &shape = lane.report.shape;
    return shape.layers * shape.lists(granularityOf(lane.report.compression));
}

} // namespace

KeptPanel::KeptPanel(QWidget *parent)
    : QWidget(parent)
    , m_lane(new QComboBox)
    , m_layer(new QComboBox)
    , m_head(new QComboBox)
    , m_tokens(named(new TokenView, tr("The prompt, shaded by what is kept")))
    , m_note(named(new ElidedLabel, tr("What is kept")))
{
    build();
    m_tokens->setPlaceholderText(tr("Start the lanes to see which tokens of the prompt each head keeps."));
    m_tokens->setToolTipProvider([this](int token) { return describe(token); });
    connect(m_lane, &QComboBox::activated, this, &KeptPanel::showLane);
    connect(m_layer, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_head->setEnabled(index > 0);
        showKept();
    });
    connect(m_head, &QComboBox::currentIndexChanged, this, &KeptPanel::showKept);
    connect(m_tokens, &TokenView::tokenHovered, this, &KeptPanel::hover);
}

void KeptPanel::build()
{
    auto *choice = new QHBoxLayout;
    choice->setSpacing(Theme::spacing);
    choice->addWidget(labelFor(m_lane, tr("&Lane"), tr("Whose cache")));
    choice->addWidget(m_lane);
    choice->addWidget(labelFor(m_layer, tr("La&yer"), tr("Sum over all layers, or one of them")));
    choice->addWidget(m_layer);
    choice->addWidget(labelFor(m_head, tr("&Head"), tr("Sum over the layer's heads, or one of them")));
    choice->addWidget(m_head);
    choice->addWidget(m_note, 1);
    m_note->setElideMode(Qt::ElideRight);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    m_note->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_lane->setMinimumContentsLength(14);
    m_lane->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, Theme::spacing, 0, 0);
    layout->setSpacing(Theme::spacing);
    layout->addLayout(choice);
    layout->addWidget(m_tokens, 1);
}

const Lane *KeptPanel::lane() const
{
    const auto index = static_cast<std::size_t>(m_lane->currentIndex());
    return m_lanes && index < m_lanes->size() ? &(*m_lanes)[index] : nullptr;
}

QString KeptPanel::note() const { return m_note->text(); }

void KeptPanel::setLanes(const std::vector<Lane> &lanes, const QString &needle)
{
    m_lanes = &lanes;
    m_needle = needle;
    const QString chosen = m_lane->currentText();
    const QSignalBlocker quiet(m_lane);
    m_lane->clear();
    for (const LaneName &name : laneNames(lanes))
        m_lane->addItem(name.title);
    // What keeps everything is the least to look at.
    const int before = m_lane->findText(chosen);
    const auto other = std::ranges::find_if_not(lanes, &Lane::isFullKv);
    const int first = other == lanes.end() ? 0 : static_cast<int>(other - lanes.begin());
    m_lane->setCurrentIndex(before >= 0 && !lanes[static_cast<std::size_t>(before)].isFullKv() ? before : first);
    showLane();
}

void KeptPanel::refresh()
{
    const Lane *shown = lane();
    if (shown && (shown->prompt != m_shownPrompt || shown->hasPrefilled() != m_shownPrefilled))
        showLane();
}

void KeptPanel::showLane()
{
    fillHeads();
    showTokens();
}

void KeptPanel::fillHeads()
{
    const Lane *shown = lane();
    const CacheContents none;
    const CacheContents &contents = shown ? shown->report.generation.contents : none;
    const QString heads = contents.granularity == Granularity::KvHead ? tr("All KV heads") : tr("All query heads");
    const auto fill = [](QComboBox *box, const QString &all, int count) {
        const QSignalBlocker quiet(box);
        const int chosen = box->currentIndex();
        box->clear();
        box->addItem(all);
        for (int i = 0; i < count; ++i)
            box->addItem(QString::number(i));
        box->setCurrentIndex(chosen > 0 && chosen <= count ? chosen : 0);
    };
    fill(m_layer, tr("All layers"), contents.layers);
    fill(m_head, heads, contents.lists);
    m_head->setEnabled(m_layer->currentIndex() > 0);
    m_layer->setEnabled(contents.layers > 0);
}

void KeptPanel::showTokens()
{
    const Lane *shown = lane();
    m_shownPrompt = shown ? shown->prompt : nullptr;
    m_shownPrefilled = shown && shown->hasPrefilled();
    const QStringList pieces = m_shownPrompt ? m_shownPrompt->pieces : spelledIds(shown);
    const bool other = pieces != m_tokens->tokens();
    if (other)
        m_tokens->setTokens(pieces);
    const TokenRange mark = tokensOfText(pieces, m_needle);
    m_tokens->setMark(mark.begin, mark.end);
    if (other && mark.end > mark.begin)
        m_tokens->scrollToToken(mark.begin);
    showKept();
}

void KeptPanel::showKept()
{
    const Lane *shown = lane();
    m_counts = {};
    m_summary.clear();
    if (shown && m_tokens->tokenCount() > 0) {
        const Generation &generation = shown->report.generation;
        KeptChoice choice;
        if (m_layer->currentIndex() > 0) {
            choice.layer = m_layer->currentIndex() - 1;
            if (m_head->currentIndex() > 0)
                choice.list = m_head->currentIndex() - 1;
        }
        const auto tokens = static_cast<std::size_t>(m_tokens->tokenCount());
        m_counts = shown->isFullKv() && shown->hasPrefilled() ? allKept(tokens, listsOf(*shown))
                                                              : countKept(generation.contents, tokens, choice);
        const auto all = static_cast<double>(m_counts.lists) * static_cast<double>(tokens);
        if (m_counts.lists == 0)
            m_summary = whyUnknown(*shown);
        else if (m_counts.keepsEverything())
            m_summary = tr("Keeps every token");
        else
            m_summary = tr("%1 of the prompt is kept%2")
                            .arg(formatPercent(static_cast<double>(m_counts.total) / all),
                                 m_counts.compensating > 0
                                     ? tr(", and a mean of the rest in %1 heads").arg(m_counts.compensating)
                                     : QString());
    }
    m_tokens->setShades(m_counts.lists > 0 ? m_counts.shares() : std::vector<float>());
    hover(-1);
}

void KeptPanel::hover(int token) { m_note->setText(token < 0 ? m_summary : describe(token)); }

QString KeptPanel::describe(int token) const
{
    const Lane *shown = lane();
    if (!shown || token < 0 || token >= m_tokens->tokenCount())
        return {};
    const auto index = static_cast<std::size_t>(token);
    QString where = tr("“%1”, position %2").arg(visiblePiece(m_tokens->tokens()[token]), formatCount(token));
    if (m_counts.lists == 0)
        return where;
    return tr("%1, held by %2 of %3 heads").arg(where, formatCount(m_counts.held[index]), formatCount(m_counts.lists));
}

} // namespace headkv
