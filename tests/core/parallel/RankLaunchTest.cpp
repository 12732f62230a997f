// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/RankLaunch.h"
#include "core/base/Error.h"

#include <QTest>

using namespace headkv;

class RankLaunchTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void placeOfALauncher_data();
    void placeOfALauncher();
    void ranksThatCannotFindEachOther_data();
    void ranksThatCannotFindEachOther();
    void processAlone() { QVERIFY(!connectRanks()); }

private:
    /// "NAME=value NAME=value", as a launcher sets them.
    static void setEnvironment(const QByteArray &variables)
    {
        for (const QByteArray &variable : variables.split(' ')) {
            const qsizetype equals = variable.indexOf('=');
            QVERIFY(variable.isEmpty() || qputenv(variable.left(equals), variable.mid(equals + 1)));
        }
    }
};

void RankLaunchTest::init()
{
    for (const char *variable : {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "SLURM_PROCID", "SLURM_NTASKS",
                                 "SLURM_STEP_NUM_TASKS", "PMI_RANK", "PMI_SIZE", "PMIX_RANK", "PMIX_NAMESPACE"})
        qunsetenv(variable);
}

void RankLaunchTest::placeOfALauncher_data()
{
    QTest::addColumn<QByteArray>("environment");
    QTest::addColumn<int>("rank");
    QTest::addColumn<int>("size");
    const QByteArray mpirun("OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=3"),
        srun("SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=2");
    QTest::addRow("none") << QByteArray() << 0 << 1;
    QTest::addRow("mpirun") << mpirun << 2 << 3;
    QTest::addRow("srun") << srun << 1 << 2;
    QTest::addRow("other PMI") << QByteArray("PMI_RANK=3 PMI_SIZE=4") << 3 << 4;
    // srun starts mpirun's daemons on other machines.
    QTest::addRow("mpirun in srun") << mpirun + ' ' + srun << 2 << 3;
    QTest::addRow("one of mpirun in srun")
        << QByteArray("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1 ") + srun << 0 << 1;
    // A batch script is one process of an allocation for many.
    QTest::addRow("sbatch") << QByteArray("SLURM_PROCID=0 SLURM_NTASKS=8") << 0 << 1;
    QTest::addRow("rubbish") << QByteArray("OMPI_COMM_WORLD_RANK=5 OMPI_COMM_WORLD_SIZE=x PMI_RANK=4 PMI_SIZE=4") << 0
                             << 1;
}

void RankLaunchTest::placeOfALauncher()
{
    QFETCH(QByteArray, environment);
    setEnvironment(environment);
    const RankPlace place = launchedPlace();
    QTEST(place.rank, "rank");
    QTEST(place.size, "size");
    QVERIFY(!place.host.empty());
}

void RankLaunchTest::ranksThatCannotFindEachOther_data()
{
    QTest::addColumn<QByteArray>("environment");
    QTest::addRow("srun --mpi=none") << QByteArray("SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=2");
    QTest::addRow("srun --mpi=pmi2") << QByteArray("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2 PMI_RANK=0 PMI_SIZE=2");
    QTest::addRow("another MPI's mpiexec") << QByteArray("PMI_RANK=0 PMI_SIZE=2");
}

/// They would all work as if alone, and write the same files.
void RankLaunchTest::ranksThatCannotFindEachOther()
{
    QFETCH(QByteArray, environment);
    setEnvironment(environment);
    try {
        (void)connectRanks();
        QFAIL("connected");
    } catch (const Error &error) {
        QCOMPARE(error.kind(), ErrorKind::Failed);
        const QByteArray said(error.what());
        QVERIFY2(said.startsWith("started as 2 ranks, ") && said.contains("srun --mpi=pmix") && !said.contains('\n'),
                 said);
    }
}

QTEST_GUILESS_MAIN(RankLaunchTest)
#include "RankLaunchTest.moc"
