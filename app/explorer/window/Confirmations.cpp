// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/Confirmations.h"

#include "widgets/theme/Icons.h"

#include <QCoreApplication>
#include <QMessageBox>
#include <QPushButton>

namespace headkv {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("headkv::MainWindow", text); }

/// A question in the window's own look.
class Question : public QMessageBox
{
public:
    Question(const QString &title, const QString &text, QWidget *window)
        : QMessageBox(NoIcon, title, text, NoButton, window)
    {
        constexpr int size = 32;
        setIconPixmap(themedIcon(QStringLiteral("help")).pixmap(size));
    }
};

bool asks(QMessageBox &box, const QString &go, const QString &stay)
{
    const QPushButton *goButton = box.addButton(go, QMessageBox::DestructiveRole);
    QPushButton *stayButton = box.addButton(stay, QMessageBox::RejectRole);
    box.setDefaultButton(stayButton);
    box.setEscapeButton(stayButton);
    box.exec();
    return box.clickedButton() == goButton;
}

} // namespace

bool confirmsLeaving(Activity activity, QWidget *window)
{
    const QString what = activity == Activity::Probing      ? tr("A probe runs.")
                         : activity == Activity::Generating ? tr("Lanes are generating.")
                         : activity == Activity::Testing    ? tr("Heads are being tested.")
                         : activity == Activity::Evaluating ? tr("An evaluation runs.")
                                                            : tr("A model is being loaded.");
    Question box(tr("Leave?"), what, window);
    if (activity == Activity::Probing)
        box.setInformativeText(tr("Cancel it first to keep the scores of its finished cases."));
    if (activity == Activity::Evaluating)
        box.setInformativeText(tr("Cancel it first and save its report to keep the answers."));
    if (activity == Activity::Generating)
        box.setInformativeText(tr("Stop them first and export what they wrote to keep it."));
    return asks(box, tr("Leave now"), tr("Stay"));
}

bool confirmsLoading(QWidget *window)
{
    Question box(tr("Load another model?"), tr("Lanes are generating with this one."), window);
    box.setInformativeText(tr("They cannot go on with another model."));
    return asks(box, tr("Stop the run and load"), tr("Let it run"));
}

SaveAnswer asksToSave(const QString &session, QWidget *window)
{
    Question box(tr("Save the session?"), tr("%1 has unsaved changes.").arg(session), window);
    box.setStandardButtons(QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel);
    box.setInformativeText(tr("Runs, budgets, pins and notes that are not saved are lost."));
    box.setDefaultButton(QMessageBox::Save);
    switch (box.exec()) {
    case QMessageBox::Save:
        return SaveAnswer::Save;
    case QMessageBox::Discard:
        return SaveAnswer::Discard;
    default:
        return SaveAnswer::Cancel;
    }
}

} // namespace headkv
