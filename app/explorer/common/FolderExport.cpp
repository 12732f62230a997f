// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explorer/common/FolderExport.h"

#include "core/base/AtomicFile.h"
#include "widgets/charts/Chart.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSet>
#include <QTimer>
#include <exception>

namespace headkv {

namespace {

/// The error, empty: done.
QString errorOf(const std::function<void()> &write)
{
    try {
        write();
    } catch (const std::exception &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

/// What is there under a path; no bytes: nothing.
ExportedFile look(const QString &name, const QString &path)
{
    QFile file(path);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    if (!file.open(QIODevice::ReadOnly) || !hash.addData(&file))
        return {};
    return {name, file.size(), QString::fromLatin1(hash.result().toHex())};
}

QString writeText(const QString &path, const QString &text)
{
    return errorOf([&] { writeFileAtomically(path.toStdString(), text.toStdString()); });
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

void ExportItems::add(const QString &name, const std::function<void(const QString &path)> &write)
{
    if (write)
        files.push_back({name, [write](const QString &path) { return errorOf([&] { write(path); }); }, true});
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

FolderExport::~FolderExport() { m_pool.waitForDone(); }

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
    if (!file.apart)
        return write(file, path);
    m_pool.start([this, file, path] { write(file, path); });
}

/// On the window's thread or another one.
void FolderExport::write(const ExportFile &file, const QString &path)
{
    const QString error = file.write(path);
    const ExportedFile written = error.isEmpty() ? look(file.name, path) : ExportedFile();
    QMetaObject::invokeMethod(
        this, [this, written, error] { take(written, error); }, Qt::QueuedConnection);
}

void FolderExport::take(const ExportedFile &file, const QString &error)
{
    if (!error.isEmpty())
        return end(error);
    if (!file.name.isEmpty())
        m_written.push_back(file);
    ++m_next;
    Q_EMIT progressed(static_cast<int>(m_next), static_cast<int>(m_files.size()));
    next();
}

void FolderExport::end(const QString &error)
{
    m_running = false;
    m_files.clear();
    Q_EMIT finished(error, m_cancelled);
}

} // namespace headkv
