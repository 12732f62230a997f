// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace headkv {

/// Stands where a page has nothing to show yet, and says what to do: an icon, a title, a sentence, and up to two
/// buttons.
class EmptyState : public QWidget
{
    Q_OBJECT
public:
    explicit EmptyState(QWidget *parent = nullptr);
    EmptyState(const QString &icon, const QString &title, const QString &text, const QString &action = {},
               QWidget *parent = nullptr);

    void setIcon(const QString &name);
    void setTitle(const QString &title);
    void setText(const QString &text);
    /// An empty text hides the button.
    void setAction(const QString &text);
    void setSecondAction(const QString &text);
    [[nodiscard]] QPushButton *actionButton() const { return m_action; }
    [[nodiscard]] QPushButton *secondActionButton() const { return m_second; }

Q_SIGNALS:
    void actionTriggered();
    void secondActionTriggered();

protected:
    void changeEvent(QEvent *event) override;

private:
    void restyle();

    QString m_iconName;
    QLabel *m_icon;
    QLabel *m_title;
    QLabel *m_text;
    QPushButton *m_action;
    QPushButton *m_second;
};

} // namespace headkv
