// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explorer/common/Page.h"

#include <QHash>

class QFormLayout;
class QLabel;
class QLineEdit;
class QStackedWidget;

namespace headkv {

class ActionRegistry;
class EmptyState;
class HeadSketch;
class MemoryChart;
struct ModelInfo;
class Session;
class TokenizerTester;

/// What is known of the loaded model: figures, its heads, what its cache costs, its tokenizer.
class ModelPage : public Page
{
    Q_OBJECT

public:
    ModelPage(Session &session, const ActionRegistry &actions, QWidget *parent = nullptr);

    [[nodiscard]] Chart *exportChart() const override;
    [[nodiscard]] ExportItems exportItems() override;
    [[nodiscard]] HeadSketch *sketch() const { return m_sketch; }
    [[nodiscard]] MemoryChart *memoryChart() const { return m_memory; }
    [[nodiscard]] QLineEdit *chatPrefix() const { return m_chatPrefix; }
    [[nodiscard]] QLineEdit *chatSuffix() const { return m_chatSuffix; }

private:
    [[nodiscard]] QWidget *buildContent();
    void addRow(QFormLayout *form, const QString &id, const QString &label, const QString &tip = {});
    void showModel();
    void showFigures(const ModelInfo &info);
    void showChatFormat(const ModelInfo &info);
    void changeChatFormat();
    void showMemory(const ModelInfo &info);
    void showActivity();

    Session &m_session;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    HeadSketch *m_sketch;
    MemoryChart *m_memory;
    TokenizerTester *m_tester;
    QLineEdit *m_chatPrefix, *m_chatSuffix;
    QHash<QString, QLabel *> m_values;
};

} // namespace headkv
