// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/HaystackBox.h"

#include "core/base/Error.h"

#include <QFileDialog>
#include <QFileInfo>

namespace headkv {

HaystackBox::HaystackBox(QWidget *parent)
    : QComboBox(parent)
{
    addItem(tr("Essays"), Essays);
    addItem(tr("Built-in text"), BuiltIn);
    addItem(tr("A file…"), OwnText);
    setMinimumContentsLength(12);
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    connect(this, &QComboBox::activated, this, &HaystackBox::choose);
}

QString HaystackBox::explanation()
{
    return tr("The long text that hides the needle; essays need the set-up to have brought them, else the built-in "
              "text stands in");
}

void HaystackBox::choose(int choice)
{
    if (itemData(choice).toInt() == OwnText) {
        const QString path =
            QFileDialog::getOpenFileName(this, tr("Choose a text"), {}, tr("Texts (*.txt);;All files (*)"));
        if (!path.isEmpty())
            readFile(path);
        if (m_own.text.empty())
            setCurrentIndex(Essays);
    }
    Q_EMIT changed();
}

void HaystackBox::readFile(const QString &path)
{
    try {
        m_own = readHaystack(path.toStdString());
        setItemText(OwnText, tr("%1…").arg(QFileInfo(path).fileName()));
    } catch (const Error &error) {
        Q_EMIT failed(QString::fromUtf8(error.what()));
    }
}

Haystack HaystackBox::haystack() const
{
    switch (currentData().toInt()) {
    case Essays:
        if (!m_essays)
            m_essays = defaultHaystack();
        return *m_essays;
    case BuiltIn:
        return builtInHaystack();
    default:
        return m_own;
    }
}

void HaystackBox::setHaystack(Haystack haystack)
{
    m_own = std::move(haystack);
    setItemText(OwnText, tr("%1…").arg(QFileInfo(QString::fromStdString(m_own.name)).fileName()));
    setCurrentIndex(OwnText);
}

QString HaystackBox::problem() const
{
    return currentData().toInt() == OwnText && m_own.text.empty() ? tr("Haystack: choose a text") : QString();
}

} // namespace headkv
