// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/HaystackBox.h"

#include "core/base/Error.h"

#include <QFileDialog>
#include <QFileInfo>

namespace headkv {

namespace {

const QString essays = QStringLiteral("essays"), builtIn = QStringLiteral("built-in");

} // namespace

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
        if (m_own.name.empty())
            setCurrentIndex(Essays);
    }
    Q_EMIT changed();
}

void HaystackBox::readFile(const QString &path)
{
    try {
        m_own = readHaystack(path.toStdString());
        showOwn();
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
        if (m_own.text.empty() && !m_own.name.empty())
            m_own = readHaystack(m_own.name);
        return m_own;
    }
}

QString HaystackBox::choice() const
{
    switch (currentData().toInt()) {
    case Essays:
        return essays;
    case BuiltIn:
        return builtIn;
    default:
        return m_own.name.empty() ? essays : QFileInfo(QString::fromStdString(m_own.name)).absoluteFilePath();
    }
}

void HaystackBox::setChoice(const QString &choice)
{
    if (choice == essays || choice == builtIn)
        setCurrentIndex(choice == essays ? Essays : BuiltIn);
    else
        setHaystack({choice.toStdString(), {}});
    Q_EMIT changed();
}

void HaystackBox::setHaystack(Haystack haystack)
{
    m_own = std::move(haystack);
    showOwn();
    setCurrentIndex(OwnText);
}

void HaystackBox::showOwn()
{
    setItemText(OwnText, tr("%1…").arg(QFileInfo(QString::fromStdString(m_own.name)).fileName()));
}

QString HaystackBox::problem() const
{
    if (currentData().toInt() != OwnText || !m_own.text.empty())
        return {};
    if (m_own.name.empty())
        return tr("Haystack: choose a text");
    const QString path = QString::fromStdString(m_own.name);
    return QFileInfo::exists(path) ? QString() : tr("Haystack: %1 is not there; choose another text").arg(path);
}

} // namespace headkv
