// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/probe/NeedleGeneratorDialog.h"

#include "app/explorer/common/FormHelpers.h"
#include "widgets/theme/Theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

namespace headkv {

namespace {

constexpr int shownNeedles = 8; ///< two whole stories

QString escaped(const std::string &text) { return QString::fromStdString(text).simplified().toHtmlEscaped(); }

} // namespace

NeedleGeneratorDialog::NeedleGeneratorDialog(ProbeKind kind, QWidget *parent)
    : QDialog(parent)
    , m_kind(new QComboBox)
    , m_count(new QSpinBox)
    , m_seed(new QSpinBox)
    , m_answer(new QComboBox)
    , m_reverses(new QCheckBox(tr("with &reverses")))
    , m_swaps(new QCheckBox(tr("with s&waps")))
    , m_preview(named(new QTextBrowser, tr("The first needles")))
    , m_replace(new QPushButton(tr("Re&place")))
    , m_append(new QPushButton(tr("&Append")))
{
    setWindowTitle(tr("Generate needles"));
    build();
    m_kind->setCurrentIndex(kind == ProbeKind::Reasoning ? 0 : 1);
    for (QSpinBox *box : {m_count, m_seed})
        connect(box, &QSpinBox::valueChanged, this, &NeedleGeneratorDialog::refresh);
    for (QComboBox *box : {m_kind, m_answer})
        connect(box, &QComboBox::currentIndexChanged, this, &NeedleGeneratorDialog::refresh);
    for (QCheckBox *box : {m_reverses, m_swaps})
        connect(box, &QCheckBox::toggled, this, &NeedleGeneratorDialog::refresh);
    connect(m_replace, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_append, &QPushButton::clicked, this, [this] {
        m_appends = true;
        accept();
    });
    refresh();
}

QFormLayout *NeedleGeneratorDialog::buildForm()
{
    m_kind->addItem(tr("Reasoning: two answers, told apart by a reasoning step"),
                    static_cast<int>(ProbeKind::Reasoning));
    m_kind->addItem(tr("Facts: one sentence with its answer"), static_cast<int>(ProbeKind::Retrieval));
    m_count->setRange(1, NeedleRecipe::mostNeedles);
    m_count->setValue(NeedleRecipe().count);
    m_seed->setRange(0, std::numeric_limits<int>::max());
    m_answer->addItem(tr("Short: some 6 tokens"), static_cast<int>(AnswerLength::Short));
    m_answer->addItem(tr("Long: 15 tokens or more"), static_cast<int>(AnswerLength::Long));
    m_reverses->setChecked(true);
    m_swaps->setChecked(true);
    named(m_reverses, tr("With reverses"),
          tr("Each needle comes again with the question whose answer is the other one; the two share a haystack"));
    named(m_swaps, tr("With swaps"),
          tr("Each needle comes again with its two answers in the other order, so that place does not stand for being "
             "right"));
    auto *form = new QFormLayout;
    form->setSpacing(Theme::spacing);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(labelFor(m_kind, tr("&Kind"), tr("Facts are for R and ER, reasoning steps for R2")), m_kind);
    form->addRow(labelFor(m_count, tr("&Needles"), tr("How many; four of them tell one story with reverses and swaps")),
                 m_count);
    form->addRow(labelFor(m_seed, tr("&Seed"), tr("The same seed makes the same needles, on any machine")), m_seed);
    form->addRow(labelFor(m_answer, tr("Ans&wers"),
                          tr("With long answers more heads score above zero, since a head's strongest keys are counted "
                             "up to the answer's length")),
                 m_answer);
    form->addRow(QString(), m_reverses);
    form->addRow(QString(), m_swaps);
    return form;
}

void NeedleGeneratorDialog::build()
{
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_append->setAutoDefault(false);
    m_replace->setDefault(true);
    m_replace->setToolTip(tr("Put these needles in the place of those in the table"));
    m_append->setToolTip(tr("Put these needles behind those in the table"));
    buttons->addButton(m_append, QDialogButtonBox::ActionRole);
    buttons->addButton(m_replace, QDialogButtonBox::ActionRole);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->setSpacing(Theme::spacing);
    layout->addLayout(buildForm());
    layout->addWidget(heading(tr("The first of them")));
    layout->addWidget(m_preview, 1);
    layout->addWidget(buttons);
    resize(560, 620);
}

NeedleRecipe NeedleGeneratorDialog::recipe() const
{
    NeedleRecipe recipe;
    recipe.kind = static_cast<ProbeKind>(m_kind->currentData().toInt());
    recipe.count = m_count->value();
    recipe.seed = static_cast<std::uint64_t>(m_seed->value());
    recipe.answer = static_cast<AnswerLength>(m_answer->currentData().toInt());
    recipe.reverses = m_reverses->isChecked();
    recipe.swaps = m_swaps->isChecked();
    return recipe;
}

void NeedleGeneratorDialog::setRecipe(const NeedleRecipe &recipe)
{
    m_kind->setCurrentIndex(recipe.kind == ProbeKind::Reasoning ? 0 : 1);
    m_count->setValue(recipe.count);
    m_seed->setValue(static_cast<int>(recipe.seed));
    m_answer->setCurrentIndex(m_answer->findData(static_cast<int>(recipe.answer)));
    m_reverses->setChecked(recipe.reverses);
    m_swaps->setChecked(recipe.swaps);
}

void NeedleGeneratorDialog::refresh()
{
    NeedleRecipe first = recipe();
    const QString why = first.kind == ProbeKind::Reasoning ? QString() : tr("A fact has one answer");
    setRunnable(
        m_reverses, why,
        tr("Each needle comes again with the question whose answer is the other one; the two share a haystack"));
    setRunnable(m_swaps, why,
                tr("Each needle comes again with its two answers in the other order, so that place does not stand for "
                   "being right"));
    first.count = std::min(first.count, shownNeedles); // the first ones are the same however many follow
    QString html;
    for (const Needle &needle : generateNeedles(first)) {
        QString text = escaped(needle.needle);
        const QString answer = escaped(needle.answer);
        text.replace(answer, QStringLiteral("<u>%1</u>").arg(answer));
        html += QStringLiteral("<p style='margin:0 0 10px 0'>%1<br><b>%2</b></p>").arg(text, escaped(needle.question));
    }
    m_preview->setHtml(html);
}

} // namespace headkv
