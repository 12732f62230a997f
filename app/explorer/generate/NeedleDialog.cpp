// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/NeedleDialog.h"

#include "app/explorer/common/FormHelpers.h"
#include "app/explorer/common/HaystackBox.h"
#include "core/probe/NeedleFile.h"
#include "widgets/theme/Theme.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>

namespace headkv {

namespace {

constexpr int leastLength = 64;
constexpr int mostLength = 1 << 20;

QString textOf(const std::string &text) { return QString::fromStdString(text).trimmed(); }

} // namespace

NeedleDialog::NeedleDialog(int contextLength, QWidget *parent)
    : QDialog(parent)
    , m_builtIn(builtInNeedles(ProbeKind::Retrieval))
    , m_needles(new QComboBox)
    , m_needle(new QPlainTextEdit)
    , m_question(new QLineEdit)
    , m_answer(new QLineEdit)
    , m_haystack(new HaystackBox)
    , m_length(new QSpinBox)
    , m_depth(new QDoubleSpinBox)
    , m_problem(new QLabel)
    , m_hide(new QPushButton(tr("&Hide it")))
{
    setWindowTitle(tr("Hide a needle in a haystack"));
    for (Needle &needle : builtInNeedles(ProbeKind::Reasoning))
        m_builtIn.push_back(std::move(needle));
    const int most = contextLength > leastLength ? contextLength : mostLength;
    m_length->setRange(leastLength, most);
    m_length->setValue(std::min(1024, most));
    build();
    showChosen(0);
}

QFormLayout *NeedleDialog::buildForm()
{
    for (const Needle &needle : m_builtIn)
        m_needles->addItem(textOf(needle.question));
    m_needles->addItem(tr("My own"));
    m_needles->setMinimumContentsLength(40);
    m_needles->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_needle->setTabChangesFocus(true);
    m_needle->setFixedHeight(3 * m_needle->fontMetrics().lineSpacing() + 2 * Theme::spacing);
    m_length->setSingleStep(256);
    m_length->setGroupSeparatorShown(true);
    m_length->setSuffix(tr(" tokens"));
    m_depth->setRange(0, 100);
    m_depth->setDecimals(0);
    m_depth->setSingleStep(10);
    m_depth->setValue(50);
    m_depth->setSuffix(tr(" %"));
    auto *form = new QFormLayout;
    form->setSpacing(Theme::spacing);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(labelFor(m_needles, tr("N&eedles"), tr("The program's own facts and reasoning steps, or your own")),
                 m_needles);
    form->addRow(labelFor(m_needle, tr("&Needle"), tr("The sentence that is hidden")), m_needle);
    form->addRow(labelFor(m_question, tr("&Question"), tr("What the model is asked at the end")), m_question);
    form->addRow(labelFor(m_answer, tr("&Answer"), tr("Words of the needle that answer the question")), m_answer);
    form->addRow(labelFor(m_haystack, tr("Ha&ystack"), HaystackBox::explanation()), m_haystack);
    form->addRow(labelFor(m_length, tr("&Length"), tr("Tokens of haystack and needle")), m_length);
    form->addRow(labelFor(m_depth, tr("&Depth"), tr("Where the needle lies: 0 % is the beginning, 100 % the end")),
                 m_depth);
    return form;
}

void NeedleDialog::build()
{
    m_problem->setWordWrap(true);
    m_problem->setMinimumHeight(2 * m_problem->fontMetrics().lineSpacing());
    m_problem->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    buttons->addButton(m_hide, QDialogButtonBox::AcceptRole);
    m_hide->setDefault(true);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing, 2 * Theme::spacing);
    layout->setSpacing(Theme::spacing);
    layout->addLayout(buildForm());
    layout->addWidget(m_problem);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_needles, &QComboBox::activated, this, &NeedleDialog::showChosen);
    const auto own = [this] {
        m_needles->setCurrentIndex(m_needles->count() - 1);
        refresh();
    };
    connect(m_needle, &QPlainTextEdit::textChanged, this, own);
    connect(m_question, &QLineEdit::textEdited, this, own);
    connect(m_answer, &QLineEdit::textEdited, this, own);
    connect(m_haystack, &HaystackBox::changed, this, &NeedleDialog::refresh);
    connect(m_haystack, &HaystackBox::failed, m_problem, &QLabel::setText);
}

void NeedleDialog::showChosen(int index)
{
    const auto chosen = static_cast<std::size_t>(index);
    if (chosen < m_builtIn.size()) {
        const QSignalBlocker quiet(m_needle);
        m_needle->setPlainText(textOf(m_builtIn[chosen].needle));
        m_question->setText(textOf(m_builtIn[chosen].question));
        m_answer->setText(textOf(m_builtIn[chosen].answer));
    }
    refresh();
}

NeedleRequest NeedleDialog::request() const
{
    NeedleRequest request;
    const auto chosen = static_cast<std::size_t>(m_needles->currentIndex());
    if (chosen < m_builtIn.size())
        request.needle = m_builtIn[chosen];
    else
        request.needle = {m_needle->toPlainText().toStdString(), m_question->text().trimmed().toStdString(),
                          m_answer->text().trimmed().toStdString()};
    request.haystack = QString::fromStdString(m_haystack->haystack().text);
    request.length = m_length->value();
    request.depth = m_depth->value() / 100;
    return request;
}

void NeedleDialog::setRequest(const NeedleRequest &request)
{
    const auto found = std::ranges::find(m_builtIn, request.needle);
    if (found != m_builtIn.end()) {
        m_needles->setCurrentIndex(static_cast<int>(found - m_builtIn.begin()));
        showChosen(m_needles->currentIndex());
    } else {
        m_needle->setPlainText(QString::fromStdString(request.needle.needle));
        m_question->setText(textOf(request.needle.question));
        m_answer->setText(textOf(request.needle.answer));
    }
    m_length->setValue(request.length);
    m_depth->setValue(100 * request.depth);
    refresh();
}

QString NeedleDialog::problem() const
{
    const QString needle = m_needle->toPlainText();
    if (needle.trimmed().isEmpty())
        return tr("Needle: write the sentence to hide");
    if (m_question->text().trimmed().isEmpty())
        return tr("Question: write what to ask about it");
    const QString answer = m_answer->text().trimmed();
    if (answer.isEmpty() || !needle.contains(answer))
        return tr("Answer: these words do not stand in the needle; take them from it");
    return m_haystack->problem();
}

void NeedleDialog::refresh()
{
    const QString why = problem();
    m_problem->setText(why.isEmpty() ? QString() : why + QLatin1Char('.'));
    setRunnable(m_hide, why, tr("Write the haystack with the needle into the prompt"));
}

} // namespace headkv
