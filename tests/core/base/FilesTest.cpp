// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/FileLock.h"
#include "core/base/MappedFile.h"
#include "core/base/Memory.h"
#include "core/base/Sha256.h"
#include "core/text/Utf8.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>
#include <sys/stat.h>

using namespace headkv;

class FilesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesAtomically();
    void keepsPermissions();
    void writesThroughLinks();
    void refusesPipes();
    void refusesUnwritablePlaces();
    void locksFilesThatGrow();
    void mapsFiles();
    void outlivesFilesThatAreCutShort();
    void hashesAsPublished();
    void asksForMemory();
    void errorsAreOneLine();
    void streamsWholeCharacters();

private:
    std::filesystem::path path(const char *name) const { return m_folder.filePath(name).toStdString(); }

    QTemporaryDir m_folder;
};

void FilesTest::writesAtomically()
{
    writeFileAtomically(path("a.txt"), "one");
    writeFileAtomically(path("a.txt"), "two");
    QCOMPARE(readTextFile(path("a.txt")), std::string("two"));
    QCOMPARE(QDir(m_folder.path()).entryList(QDir::Files).size(), 1); // no temporary file is left
}

void FilesTest::keepsPermissions()
{
    writeFileAtomically(path("p.txt"), "one");
    ::chmod(path("p.txt").c_str(), 0640);
    writeFileAtomically(path("p.txt"), "two");
    struct stat status = {};
    QCOMPARE(::stat(path("p.txt").c_str(), &status), 0);
    QCOMPARE(status.st_mode & 07777, mode_t(0640));
}

void FilesTest::writesThroughLinks()
{
    QVERIFY(QDir(m_folder.path()).mkdir("other"));
    const auto isLink = [this](const char *name) { return std::filesystem::is_symlink(path(name)); };
    std::filesystem::create_symlink("other/real.txt", path("link.txt"));
    std::filesystem::create_symlink("link.txt", path("link2.txt"));
    for (const char *content : {"one", "two"}) { // what they name is not there at first
        writeFileAtomically(path("link2.txt"), content);
        QVERIFY(isLink("link.txt") && isLink("link2.txt"));
        QCOMPARE(readTextFile(path("other/real.txt")), std::string(content));
    }
    std::filesystem::create_symlink("loop.txt", path("loop.txt"));
    QVERIFY_EXCEPTION_THROWN(writeFileAtomically(path("loop.txt"), "x"), Error);
    QCOMPARE(QDir(m_folder.path()).entryList({"*.txt.*"}, QDir::Files).size(), 0);
}

/// A named pipe that nobody writes would be waited for.
void FilesTest::refusesPipes()
{
    QCOMPARE(::mkfifo(path("pipe").c_str(), 0600), 0);
    QVERIFY_EXCEPTION_THROWN((void)readTextFile(path("pipe")), Error);
    QVERIFY_EXCEPTION_THROWN(MappedFile(path("pipe")), Error);
}

void FilesTest::refusesUnwritablePlaces()
{
    QVERIFY_EXCEPTION_THROWN(writeFileAtomically(path("no/such/folder/a.txt"), "x"), Error);
    QVERIFY_EXCEPTION_THROWN(writeFileAtomically(m_folder.path().toStdString(), "x"), Error);
}

void FilesTest::locksFilesThatGrow()
{
    const auto names = [this] { return QDir(m_folder.path()).entryList({"grow*"}, QDir::Files); };
    {
        FileLock lock(path("grow.json"));
        QVERIFY_EXCEPTION_THROWN(FileLock(path("grow.json")), Error);
        const FileLock moved(std::move(lock));
        QVERIFY_EXCEPTION_THROWN(FileLock(path("grow.json")), Error);
        const FileLock other(path("grow2.json"));
    }
    QCOMPARE(names(), QStringList());
    writeFileAtomically(path("grow.json.lock"), ""); // what a killed run leaves
    const FileLock again(path("grow.json"));
    const FileLock devices[] = {FileLock("/dev/null"), FileLock("/dev/null")};
    QVERIFY(!QFile::exists("/dev/null.lock"));
    QVERIFY_EXCEPTION_THROWN(FileLock(path("no/such/folder/a.json")), Error);
    (void)devices;
}

void FilesTest::mapsFiles()
{
    writeFileAtomically(path("m.bin"), "abc");
    const MappedFile file(path("m.bin"));
    QCOMPARE(file.bytes().size(), std::size_t(3));
    QCOMPARE(std::memcmp(file.bytes().data(), "abc", 3), 0);
    writeFileAtomically(path("empty"), "");
    QVERIFY(MappedFile(path("empty")).bytes().empty());
    QVERIFY_EXCEPTION_THROWN(MappedFile(path("absent")), Error);
    QVERIFY_EXCEPTION_THROWN(MappedFile(m_folder.path().toStdString()), Error);
    QVERIFY_EXCEPTION_THROWN((void)readTextFile(path("m.bin"), 2), Error);
}

void FilesTest::outlivesFilesThatAreCutShort()
{
    writeFileAtomically(path("model"), std::string(1 << 16, 'x'));
    const MappedFile file(path("model"));
    const MappedFile other(path("model"));
    QCOMPARE(std::to_integer<char>(file.bytes()[1]), 'x');
    QFile(m_folder.filePath("model")).resize(10);
    QVERIFY(file.isIntact()); // nothing was read that is missing
    QCOMPARE(std::to_integer<int>(file.bytes()[(1 << 16) - 1]), 0);
    QVERIFY(!file.isIntact());
    QVERIFY(other.isIntact());
    QCOMPARE(std::to_integer<int>(other.bytes()[1 << 15]), 0);
    QVERIFY(!other.isIntact());
}

void FilesTest::hashesAsPublished()
{
    // FIPS 180-2, appendix B.1, and the hash of nothing.
    QCOMPARE(sha256(std::as_bytes(std::span("abc", 3))),
             std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    QCOMPARE(sha256(std::span<const std::byte>()),
             std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

void FilesTest::errorsAreOneLine()
{
    QCOMPARE(std::string(Error(ErrorKind::Input, "tensor a\nb\x1b\r: \x7f \u00e9\t").what()),
             std::string("tensor a b  :   \u00e9 "));
}

void FilesTest::asksForMemory()
{
    QVERIFY(availableMemoryBytes() > 0);
    const std::uint64_t resident = residentBytes(); // first: it may grow in between
    QVERIFY(resident > 0);
    QVERIFY(peakResidentBytes() >= resident);
    requireMemory(1, "a byte", "");
    try {
        requireMemory(std::uint64_t{1} << 60, "an exbibyte", "ask for less");
        QFAIL("an exbibyte was granted");
    } catch (const Error &error) {
        QCOMPARE(error.kind(), ErrorKind::Memory);
        QVERIFY(QString(error.what()).startsWith("an exbibyte needs 1073741824.00 GiB"));
    }
}

void FilesTest::streamsWholeCharacters()
{
    Utf8Stream stream;
    const std::string text = "a\u00e9\u20ac\U0001F600z";
    std::string joined;
    for (const char byte : text) {
        const std::string part = stream.push({&byte, 1});
        QVERIFY(QString::fromStdString(part).toStdString() == part); // whole characters survive the round trip
        joined += part;
    }
    QCOMPARE(joined, text);
    QCOMPARE(stream.push("\xE2\x82"), std::string());
    QCOMPARE(stream.flush(), std::string("\xE2\x82"));
}

QTEST_GUILESS_MAIN(FilesTest)
#include "FilesTest.moc"
