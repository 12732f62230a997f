// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/generate/KeptTokens.h"
#include "sessions/Lane.h"

#include <QWidget>
#include <memory>

class QComboBox;

namespace headkv {

class ElidedLabel;
class TokenView;

/// The prompt shaded by which tokens a lane's cache kept, in all heads, a layer's, or one.
class KeptPanel : public QWidget
{
    Q_OBJECT

public:
    explicit KeptPanel(QWidget *parent = nullptr);

    /// Other lanes, which outlive the panel or the next call; `needle` is marked in the prompt where it stands in it.
    void setLanes(const std::vector<Lane> &lanes, const QString &needle);
    /// A lane's prompt or contents may have come.
    void refresh();

    [[nodiscard]] TokenView *tokens() const { return m_tokens; }
    [[nodiscard]] QComboBox *laneBox() const { return m_lane; }
    [[nodiscard]] QComboBox *layerBox() const { return m_layer; }
    [[nodiscard]] QComboBox *headBox() const { return m_head; }
    [[nodiscard]] const KeptCounts &counts() const { return m_counts; }
    /// What is said of the whole, or of the token under the mouse.
    [[nodiscard]] QString note() const;

private:
    [[nodiscard]] const Lane *lane() const;
    void build();
    void fillHeads();
    void showLane();
    void showTokens();
    void showKept();
    void hover(int token);
    [[nodiscard]] QString describe(int token) const;

    const std::vector<Lane> *m_lanes = nullptr;
    QString m_needle;
    KeptCounts m_counts;
    QString m_summary;
    QComboBox *m_lane;
    QComboBox *m_layer;
    QComboBox *m_head;
    TokenView *m_tokens;
    ElidedLabel *m_note;
    std::shared_ptr<const LanePrompt> m_shownPrompt;
    bool m_shownPrefilled = false;
};

} // namespace headkv
