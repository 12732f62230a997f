// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/generate/GenerateExport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "sessions/LaneSession.h"
#include "widgets/charts/Chart.h"
#include "widgets/export/ChartExport.h"

#include <QDir>
#include <QTimer>

namespace headkv {

namespace {

QString writeText(const QString &path, const QString &text)
{
    try {
        writeFileAtomically(path.toStdString(), text.toStdString());
    } catch (const Error &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace

GenerateExport::GenerateExport(QObject *parent)
    : QObject(parent)
{}

void GenerateExport::start(const LaneSession &lanes, const std::vector<GenerateView::Figure> &figures,
                           const QString &summary, const QString &folder)
{
    if (isRunning())
        return;
    if (!QDir().mkpath(folder)) {
        Q_EMIT finished(0, tr("%1 cannot be made; choose a folder that can be written to").arg(folder));
        return;
    }
    m_done = 0;
    const QDir there(folder);
    for (int lane = 0; lane < static_cast<int>(lanes.all().size()); ++lane) {
        const auto &settings = lanes.all()[static_cast<std::size_t>(lane)].settings;
        const QString name =
            QStringLiteral("lane-%1-%2.json").arg(lane + 1).arg(QString::fromStdString(settings.compression.method));
        m_steps.push_back([&lanes, lane, path = there.filePath(name)] { return lanes.save(lane, path); });
    }
    m_steps.push_back(
        [summary, path = there.filePath(QStringLiteral("summary.csv"))] { return writeText(path, summary); });
    for (const auto &[title, shown] : figures) {
        const QString name = ChartExport::fileName(title);
        const Chart *chart = shown;
        for (const char *const format : {".png", ".svg", ".csv"})
            m_steps.push_back([chart, path = there.filePath(name + QLatin1String(format))] {
                return ChartExport::save(*chart, path);
            });
    }
    QTimer::singleShot(0, this, &GenerateExport::next);
}

void GenerateExport::next()
{
    const QString error = m_steps[m_done]();
    if (error.isEmpty() && ++m_done < m_steps.size()) {
        QTimer::singleShot(0, this, &GenerateExport::next);
        return;
    }
    m_steps.clear();
    Q_EMIT finished(static_cast<int>(m_done), error);
}

} // namespace headkv
