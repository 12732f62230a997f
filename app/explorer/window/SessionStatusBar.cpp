// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/window/SessionStatusBar.h"

#include "app/explorer/common/FormHelpers.h"
#include "core/base/Memory.h"
#include "sessions/Session.h"
#include "widgets/Formats.h"
#include "widgets/controls/ElidedLabel.h"
#include "widgets/theme/Theme.h"

#include <QProgressBar>
#include <QPushButton>
#include <QStatusBar>
#include <QTimer>

namespace headkv {

namespace {

/// "Probing · 12 / 40 cases · 1.3 cases/s · 21.4 s left"
QString jobText(const JobProgress &progress)
{
    QStringList parts{progress.stage};
    const auto done = static_cast<qint64>(progress.done);
    const bool bytes = progress.unit == QLatin1String("bytes");
    if (progress.total > 0)
        parts.append(
            bytes ? QStringLiteral("%1 / %2").arg(formatBytes(progress.done), formatBytes(progress.total))
                  : QStringLiteral("%1 / %2 %3")
                        .arg(formatCount(done), formatCount(static_cast<qint64>(progress.total)), progress.unit));
    if (progress.elapsedSeconds > 0.5 && progress.done > 0) {
        const double rate = progress.done / progress.elapsedSeconds;
        parts.append(bytes      ? formatBytes(rate) + QStringLiteral("/s")
                     : rate < 1 ? QObject::tr("%1 each").arg(formatDuration(1 / rate))
                                : QStringLiteral("%1 %2/s").arg(QString::number(rate, 'g', 3), progress.unit));
    }
    if (progress.remainingSeconds)
        parts.append(QObject::tr("%1 left").arg(formatDuration(*progress.remainingSeconds)));
    return parts.join(QStringLiteral(" · "));
}

} // namespace

SessionStatusBar::SessionStatusBar(Session &session, QStatusBar *bar)
    : QObject(bar)
    , m_session(session)
    , m_model(named(new ElidedLabel, tr("Model")))
    , m_device(named(new QLabel, tr("Device"), tr("What the model is computed on")))
    , m_job(named(new QLabel, tr("Running job")))
    , m_bar(named(new QProgressBar, tr("Progress of the running job")))
    , m_cancel(iconButton(QStringLiteral("cancel"), tr("Cancel"),
                          tr("Stop what runs; a probe keeps its finished cases, a lane what it wrote")))
    , m_memory(named(new QLabel, tr("Process memory"), tr("Memory that this program holds (resident set)")))
{
    bar->addWidget(m_model, 1);
    bar->addWidget(m_device);
    bar->addPermanentWidget(m_job);
    bar->addPermanentWidget(m_bar);
    bar->addPermanentWidget(m_cancel);
    bar->addPermanentWidget(m_memory);
    bar->setSizeGripEnabled(false);
    bar->setContentsMargins(Theme::spacing, 0, Theme::spacing, 0);
    for (QLabel *label : {m_device, m_job, m_memory})
        label->setContentsMargins(Theme::spacing, 0, Theme::spacing, 0);
    m_bar->setFixedWidth(140);
    m_bar->setTextVisible(false);
    connect(m_cancel, &QPushButton::clicked, &session, &Session::cancel);
    connect(&session, &Session::modelChanged, this, &SessionStatusBar::showModel);
    connect(&session, &Session::activityChanged, this, &SessionStatusBar::showJob);
    connect(&session, &Session::progressChanged, this, &SessionStatusBar::showJob);
    auto *timer = new QTimer(this);
    connect(timer, &QTimer::timeout, this, &SessionStatusBar::showMemory);
    timer->start(2000);
    showModel();
    showJob();
    showMemory();
}

void SessionStatusBar::showModel()
{
    const auto info = m_session.modelInfo();
    m_model->setText(info ? QString::fromStdString(info->name) : tr("No model"));
    m_device->setText(info ? QString::fromStdString(info->device).toUpper() : QString());
    m_model->setToolTip(info ? QString::fromStdString(info->path) : tr("Load one with File > Load default model"));
}

void SessionStatusBar::showJob()
{
    const bool busy = m_session.activity() != Session::Activity::Idle;
    const JobProgress &progress = m_session.progress();
    m_job->setVisible(busy);
    m_bar->setVisible(busy);
    m_cancel->setVisible(busy);
    if (!busy)
        return showMemory();
    m_job->setText(jobText(progress));
    m_bar->setRange(0, progress.total > 0 ? 1000 : 0);
    if (progress.total > 0)
        m_bar->setValue(static_cast<int>(1000 * progress.done / progress.total));
}

void SessionStatusBar::showMemory() { m_memory->setText(formatBytes(static_cast<double>(residentBytes()))); }

} // namespace headkv
