// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checkpoint/Dequantize.h"
#include "core/checkpoint/GgufFile.h"

#include <QTest>
#include <cstring>

using namespace headkv;

class DequantizeTest : public QObject
{
    Q_OBJECT

private slots:
    void equalsReference_data();
    void equalsReference();
    void readsInfinitiesAndSubnormals();
};

void DequantizeTest::equalsReference_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("type");
    const auto row = [](const char *name, TensorType type) { QTest::newRow(name) << name << static_cast<int>(type); };
    row("bf16", TensorType::BF16);
    row("f16", TensorType::F16);
    row("q4_0", TensorType::Q4_0);
    row("q4_1", TensorType::Q4_1);
    row("q5_0", TensorType::Q5_0);
    row("q5_1", TensorType::Q5_1);
    row("q8_0", TensorType::Q8_0);
    row("q2_k", TensorType::Q2_K);
    row("q3_k", TensorType::Q3_K);
    row("q4_k", TensorType::Q4_K);
    row("q5_k", TensorType::Q5_K);
    row("q6_k", TensorType::Q6_K);
    row("iq4_nl", TensorType::IQ4_NL);
}

/// Bit for bit what the gguf package makes of the same bytes.
void DequantizeTest::equalsReference()
{
    QFETCH(QString, name);
    QFETCH(int, type);
    const GgufFile file(HEADKV_GOLDENS "/quants/quants.gguf");
    const StoredTensor *stored = file.tensors().find(name.toStdString());
    const StoredTensor *expected = file.tensors().find(name.toStdString() + ".expected");
    QVERIFY(stored && expected);
    QCOMPARE(static_cast<int>(stored->type), type);
    QCOMPARE(stored->shape, expected->shape);
    const std::size_t columns = stored->shape[1];
    std::vector<float> row(columns);
    for (std::uint64_t i = 0; i < stored->shape[0]; ++i) {
        dequantizeRow(*stored, i, row);
        const std::byte *reference = expected->data.data() + i * columns * sizeof(float);
        QCOMPARE(std::memcmp(row.data(), reference, columns * sizeof(float)), 0);
    }
}

void DequantizeTest::readsInfinitiesAndSubnormals()
{
    const std::array<std::uint16_t, 6> halves{0x7c00, 0xfc00, 0x0001, 0x8001, 0x0000, 0x7bff};
    StoredTensor tensor{"halves", {halves.size()}, TensorType::F16, std::as_bytes(std::span(halves)), nullptr};
    std::vector<float> values(halves.size());
    dequantizeRow(tensor, 0, values);
    const float infinity = std::numeric_limits<float>::infinity();
    QCOMPARE(values, (std::vector<float>{infinity, -infinity, 0x1p-24F, -0x1p-24F, 0, 65504}));
}

QTEST_GUILESS_MAIN(DequantizeTest)
#include "DequantizeTest.moc"
