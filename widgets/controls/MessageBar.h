// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QLabel;
class QPushButton;
class QToolButton;

namespace headkv {

/// A bar on top of a page: what happened, where, and the next step. Hidden until it has something to say.
class MessageBar : public QFrame
{
    Q_OBJECT
public:
    enum class Kind { Info, Warning, Error };

    explicit MessageBar(QWidget *parent = nullptr);

    /// One line; longer text wraps. The buttons show where their texts are given.
    void showMessage(Kind kind, const QString &text, const QString &actionText = {}, const QString &secondText = {});
    /// Another text for the message that is shown, of the same kind: nobody is called to it.
    void updateText(const QString &text);
    [[nodiscard]] QString text() const;
    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] QPushButton *actionButton() const { return m_action; }
    [[nodiscard]] QPushButton *secondActionButton() const { return m_second; }
    /// Hides the bar.
    void dismiss();

Q_SIGNALS:
    void actionTriggered();
    void secondActionTriggered();
    void dismissed();

protected:
    void changeEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void restyle();

    Kind m_kind = Kind::Info;
    QLabel *m_icon;
    QLabel *m_text;
    QPushButton *m_action;
    QPushButton *m_second;
    QToolButton *m_close;
};

} // namespace headkv
