// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/export/ChartExport.h"

#include <QObject>
#include <QPointer>
#include <QThreadPool>
#include <functional>
#include <vector>

namespace headkv {

/// A file to be written into a folder.
struct ExportFile
{
    QString name; ///< in the folder, e.g. "heads/scores-r.svg"
    /// Writes it; returns the error, empty: done.
    std::function<QString(const QString &path)> write;
    bool apart = false; ///< may run on another thread: it draws nothing, and holds what it needs
};

/// What a page has to export: its figures, and files besides them.
struct ExportItems
{
    struct Figure
    {
        QString name; ///< becomes the file's
        QPointer<Chart> chart;
    };
    std::vector<Figure> figures;
    std::vector<ExportFile> files;

    /// Only a chart that shows something.
    void add(Chart *chart, const QString &name = {});
    /// A text that is made when its turn comes.
    void add(const QString &name, std::function<QString()> text);
    /// A report, whose writer throws Error; null: there is none.
    void add(const QString &name, const std::function<void(const QString &path)> &write);
};

/// A file for each figure and format; options without a size are filled in for `millimetres` of width, or two columns'
/// where that is too narrow for the chart; 0: the chart's own size. A chart that has gone by its turn is left out.
[[nodiscard]] std::vector<ExportFile> figureFiles(const ExportItems &items, const QStringList &formats,
                                                  const ExportOptions &options, double millimetres = 0);

/// A file that was written.
struct ExportedFile
{
    QString name; ///< in the folder
    qint64 bytes = 0;
    QString sha256;
};

/// Writes files into a folder, one at a turn of the event loop, so that the window answers meanwhile.
class FolderExport : public QObject
{
    Q_OBJECT

public:
    explicit FolderExport(QObject *parent = nullptr);
    /// Waits for the file that is being written.
    ~FolderExport() override;

    /// The folder and those in it are made where they are not there; files of these names are replaced. Two of one name
    /// get different ones. Ignored while running.
    void start(const QString &folder, std::vector<ExportFile> files);
    /// Leaves what is written; answers with finished().
    void cancel() { m_cancelled = true; }
    [[nodiscard]] bool isRunning() const { return m_running; }
    /// As far as they are written.
    [[nodiscard]] const std::vector<ExportedFile> &written() const { return m_written; }

Q_SIGNALS:
    void progressed(int done, int total);
    /// Why it ended early, empty: all is written or it was cancelled.
    void finished(const QString &error, bool cancelled);

private:
    void next();
    void write(const ExportFile &file, const QString &path);
    void take(const ExportedFile &file, const QString &error);
    void end(const QString &error);

    QString m_folder;
    std::vector<ExportFile> m_files;
    std::size_t m_next = 0;
    std::vector<ExportedFile> m_written;
    QThreadPool m_pool;
    bool m_running = false;
    bool m_cancelled = false;
};

} // namespace headkv
