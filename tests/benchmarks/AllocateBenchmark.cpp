// SPDX-License-Identifier: GPL-3.0-or-later
// What it costs to allocate budgets to all heads of a model, scores in hand.
#include "core/compression/CompressionMethod.h"

#include <QTest>
#include <random>

using namespace headkv;

class AllocateBenchmark : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void allocate_data();
    void allocate();
};

void AllocateBenchmark::allocate_data()
{
    QTest::addColumn<int>("layers");
    QTest::addColumn<int>("heads");
    QTest::addColumn<QString>("method");
    QTest::addColumn<bool>("redistribute");
    for (const auto &[layers, heads] : {std::pair(32, 32), {80, 64}, {126, 128}}) {
        for (const MethodInfo &method : compressionMethods()) {
            const QByteArray name(method.id.data(), static_cast<qsizetype>(method.id.size()));
            QTest::addRow("%d heads, %s", layers * heads, name.data()) << layers << heads << QString(name) << false;
        }
        QTest::addRow("%d heads, headkv, redistribute", layers * heads) << layers << heads << "headkv" << true;
    }
}

void AllocateBenchmark::allocate()
{
    QFETCH(int, layers);
    QFETCH(int, heads);
    QFETCH(QString, method);
    QFETCH(bool, redistribute);
    CompressionSettings settings;
    settings.method = method.toStdString();
    settings.redistribute = redistribute;
    std::mt19937 random(1);
    std::gamma_distribution<double> gamma(0.4);
    for (int i = 0; i < layers * heads; ++i)
        settings.importance.push_back(gamma(random));
    std::int64_t total = 0;
    QBENCHMARK { total = makeCompressionMethod({layers, heads, heads / 8}, settings)->allocate(8192).total(); }
    QVERIFY(total > 0);
}

QTEST_GUILESS_MAIN(AllocateBenchmark)
#include "AllocateBenchmark.moc"
