// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/FolderExport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "widgets/charts/Chart.h"

#include <QDir>
#include <QFileInfo>
#include <QSet>
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

/// "a.svg" → "a-2.svg", where there is an "a.svg" already.
void makeUnique(std::vector<ExportFile> &files)
{
    QSet<QString> taken;
    for (ExportFile &file : files) {
        const qsizetype dot = file.name.lastIndexOf(QLatin1Char('.'));
        const QString base = file.name.left(dot), suffix = file.name.mid(dot);
        for (int count = 2; taken.contains(file.name); ++count)
            file.name = base + QLatin1Char('-') + QString::number(count) + suffix;
        taken.insert(file.name);
    }
}

} // namespace

void ExportItems::add(Chart *chart, const QString &name)
{
    if (chart && !chart->isEmpty())
        figures.push_back({name.isEmpty() ? chart->title() : name, chart});
}

void ExportItems::add(const QString &name, std::function<QString()> text)
{
    files.push_back({name, [text = std::move(text)](const QString &path) { return writeText(path, text()); }});
}

std::vector<ExportFile> figureFiles(const ExportItems &items, const QStringList &formats, const ExportOptions &options,
                                    double millimetres)
{
    std::vector<ExportFile> files;
    for (const ExportItems::Figure &figure : items.figures) {
        for (const QString &format : formats) {
            const auto write = [chart = figure.chart, options, millimetres](const QString &path) -> QString {
                if (!chart || chart->isEmpty())
                    return {};
                ExportOptions own = options;
                if (millimetres > 0) {
                    own.unit = ExportOptions::Unit::Millimetres;
                    own.size = ChartExport::sizeForWidth(*chart, millimetres, own.fontPoints);
                    if (!ChartExport::isLegible(*chart, own))
                        own.size = ChartExport::sizeForWidth(*chart, ExportOptions::twoColumns, own.fontPoints);
                }
                return ChartExport::save(*chart, path, own);
            };
            files.push_back({ChartExport::fileName(figure.name) + QLatin1Char('.') + format, write});
        }
    }
    return files;
}

FolderExport::FolderExport(QObject *parent)
    : QObject(parent)
{}

void FolderExport::start(const QString &folder, std::vector<ExportFile> files)
{
    if (m_running)
        return;
    m_folder = folder;
    m_files = std::move(files);
    m_next = 0;
    m_written.clear();
    m_cancelled = false;
    m_running = true;
    makeUnique(m_files);
    QTimer::singleShot(0, this, &FolderExport::next);
}

void FolderExport::next()
{
    if (m_cancelled || m_next == m_files.size())
        return end({});
    const ExportFile &file = m_files[m_next];
    const QString path = QDir(m_folder).filePath(file.name);
    const QString there = QFileInfo(path).absolutePath();
    if (!QDir().mkpath(there))
        return end(tr("%1 cannot be made; choose a folder that can be written to").arg(there));
    if (const QString error = file.write(path); !error.isEmpty())
        return end(error);
    if (QFileInfo::exists(path))
        m_written.append(file.name);
    ++m_next;
    Q_EMIT progressed(static_cast<int>(m_next), static_cast<int>(m_files.size()));
    QTimer::singleShot(0, this, &FolderExport::next);
}

void FolderExport::end(const QString &error)
{
    m_running = false;
    m_files.clear();
    Q_EMIT finished(error, m_cancelled);
}

} // namespace headkv
