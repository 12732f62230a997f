// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>
#include <functional>
#include <vector>

class QFrame;
class QLabel;
class QPushButton;

namespace headkv {

/// A place that a tour points at.
struct TourStop
{
    QString page;                      ///< that is shown for it; empty: whichever is
    std::function<QWidget *()> target; ///< a control of the window; null: the whole window
    QString title, text;
};

/// A light overlay on a window that points at its own controls, one after another. By mouse or keys: Next, Back, Skip;
/// arrows and Escape do the same.
class GuidedTour : public QWidget
{
    Q_OBJECT

public:
    /// A child of the window, above all else in it, which deletes itself at its end.
    GuidedTour(std::vector<TourStop> stops, QWidget &window);

    void begin() { stopAt(0); }
    [[nodiscard]] std::size_t current() const { return m_current; }
    [[nodiscard]] std::size_t count() const { return m_stops.size(); }
    /// Of what is pointed at, in the window's coordinates; empty: nothing is.
    [[nodiscard]] QRect pointed() const;
    [[nodiscard]] QString title() const;
    [[nodiscard]] QPushButton *nextButton() const { return m_next; }
    [[nodiscard]] QPushButton *backButton() const { return m_back; }
    [[nodiscard]] QPushButton *skipButton() const { return m_skip; }

Q_SIGNALS:
    void pageWanted(const QString &page);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    /// The focus stays among the tour's buttons.
    bool focusNextPrevChild(bool next) override;

private:
    void build();
    void stopAt(std::size_t stop);
    void next();
    void back();
    void leave();
    /// What a key does; false: nothing.
    bool press(int key);
    void place();

    std::vector<TourStop> m_stops;
    std::size_t m_current = 0;
    QFrame *m_card;
    QLabel *m_title;
    QLabel *m_text;
    QLabel *m_count;
    QPushButton *m_back;
    QPushButton *m_next;
    QPushButton *m_skip;
};

} // namespace headkv
