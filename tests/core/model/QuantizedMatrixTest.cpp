// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/QuantizedMatrix.h"
#include "core/checkpoint/Dequantize.h"
#include "core/checkpoint/GgufFile.h"
#include "core/model/Model.h"
#include "core/model/Transformer.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace headkv;

namespace {

/// The matrix's product with one-hot rows: its weights, but for the rounding of 1 to 127·(1/127).
std::vector<float> weightsOf(const QuantizedMatrix &matrix)
{
    const std::int64_t inputs = matrix.inputs(), outputs = matrix.outputs();
    std::vector<float> weights(inputs * outputs), row(outputs), x(inputs);
    std::vector<std::int8_t> quants(inputs);
    std::vector<float> scales(inputs / blockWeights), sums(inputs / blockWeights);
    for (std::int64_t input = 0; input < inputs; ++input) {
        std::ranges::fill(x, 0.0F);
        x[input] = 1;
        const QuantizedRows activations{quants.data(), scales.data(), sums.data(), inputs};
        kernels().quantize(x.data(), 1, activations);
        if (matrix.bits() == QuantizedMatrix::Bits::Four)
            kernels().multiplyInt4(matrix.int4Tile(0), matrix.tiles(), outputs, activations, 1, row.data(), outputs);
        else
            kernels().multiplyInt8(matrix.int8Tile(0), matrix.tiles(), outputs, x.data(), inputs, 1, row.data(),
                                   outputs);
        for (std::int64_t output = 0; output < outputs; ++output)
            weights[output * inputs + input] = row[output];
    }
    return weights;
}

} // namespace

class QuantizedMatrixTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesStoredBlocks_data();
    void takesStoredBlocks();
    void roundsWeights_data();
    void roundsWeights();
    void modelsStayClose_data();
    void modelsStayClose();
    void float32StaysDense();
};

void QuantizedMatrixTest::takesStoredBlocks_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("four");
    QTest::newRow("q4_0") << "q4_0" << true;
    QTest::newRow("q4_1") << "q4_1" << true;
    QTest::newRow("q8_0") << "q8_0" << false;
}

/// What a file has in so many bits is held exactly.
void QuantizedMatrixTest::takesStoredBlocks()
{
    QFETCH(QString, name);
    QFETCH(bool, four);
    const GgufFile file(HEADKV_GOLDENS "/quants/quants.gguf");
    const StoredTensor &stored = *file.tensors().find(name.toStdString());
    const auto bits = four ? QuantizedMatrix::Bits::Four : QuantizedMatrix::Bits::Eight;
    QVERIFY(QuantizedMatrix::isExact(stored.type, bits));
    const auto outputs = static_cast<std::int64_t>(stored.shape[0]),
               inputs = static_cast<std::int64_t>(stored.shape[1]);
    QuantizedMatrix matrix(bits, outputs, inputs);
    const std::size_t rowBytes = stored.data.size() / stored.shape[0];
    std::vector<float> expected(outputs * inputs);
    for (std::int64_t row = 0; row < outputs; ++row) {
        QVERIFY(matrix.setStored(row, stored.data.subspan(row * rowBytes, rowBytes), stored.type));
        dequantizeRow(stored, row, std::span(expected).subspan(row * inputs, inputs));
    }
    std::vector<std::byte> broken(stored.data.begin(), stored.data.begin() + static_cast<std::ptrdiff_t>(rowBytes));
    broken[1] = std::byte{0x7c}; // the first block's scale, now infinite or no number
    QVERIFY(!QuantizedMatrix(bits, outputs, inputs).setStored(0, broken, stored.type));
    const std::vector<float> actual = weightsOf(matrix);
    const float largest = std::abs(*std::ranges::max_element(expected, {}, [](float w) { return std::abs(w); }));
    for (std::size_t i = 0; i < actual.size(); ++i)
        QVERIFY(std::abs(actual[i] - expected[i]) <= 2e-6F * largest);
}

void QuantizedMatrixTest::roundsWeights_data()
{
    QTest::addColumn<bool>("four");
    QTest::newRow("4 bits") << true;
    QTest::newRow("8 bits") << false;
}

/// Within half a step, and a row of one value exactly.
void QuantizedMatrixTest::roundsWeights()
{
    QFETCH(bool, four);
    QuantizedMatrix matrix(four ? QuantizedMatrix::Bits::Four : QuantizedMatrix::Bits::Eight, 3, 64);
    std::vector<float> rows(3 * 64, 0.5F);
    for (std::size_t i = 0; i < 64; ++i) {
        rows[i] = std::sin(static_cast<float>(i));
        rows[64 + i] = static_cast<float>(i) - 20;
    }
    for (std::int64_t row = 0; row < 3; ++row)
        matrix.setRounded(row, std::span(rows).subspan(row * 64, 64));
    const std::vector<float> actual = weightsOf(matrix);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto block = std::span(rows).subspan(i / 32 * 32, 32);
        const auto [least, greatest] = std::ranges::minmax(block);
        const float step = four ? (greatest - least) / 15 : std::max(-least, greatest) / 127;
        QVERIFY(std::abs(actual[i] - rows[i]) <= 0.51F * step + 1e-3F * std::abs(rows[i]));
    }
}

void QuantizedMatrixTest::modelsStayClose_data()
{
    QTest::addColumn<QString>("type");
    QTest::newRow("q4_1 as it is") << "q4_1";
    QTest::newRow("q4_0 as it is") << "q4_0";
}

/// Against transformers' log-probabilities of the dequantised weights; what differs is the rounding of activations,
/// which random weights feel more than a trained model's (0.06 and 0.08 here, 0.05 with the default model).
void QuantizedMatrixTest::modelsStayClose()
{
    QFETCH(QString, type);
    const auto golden = nlohmann::json::parse(std::ifstream(HEADKV_GOLDENS "/tiny/tiny.json"));
    const auto ids = golden["ids"].get<std::vector<TokenId>>();
    const auto expected = golden["models"][type.toStdString()]["token_logprobs"].get<std::vector<double>>();
    const auto model = Model::load(HEADKV_GOLDENS "/tiny/tiny-" + type.toStdString() + ".gguf");
    QCOMPARE(model->info().weights, std::string("int4"));
    const Transformer transformer(model);
    double sum = 0;
    transformer.logProbabilities(ids, [&](std::size_t position, std::span<const float> row) {
        if (position + 1 < ids.size())
            sum += std::abs(row[ids[position + 1]] - expected[position]);
    });
    QVERIFY2(sum / expected.size() < 0.15, qPrintable(QString::number(sum / expected.size())));
    QVERIFY(sum > 0);
}

void QuantizedMatrixTest::float32StaysDense()
{
    const auto load = [](const ModelOptions &options) {
        return Model::load(HEADKV_GOLDENS "/tiny/tiny-q4_1.gguf", options)->info().weights;
    };
    QCOMPARE(load({.dtype = DType::Float32}), std::string("dense"));
    QCOMPARE(load({.weights = WeightForm::Dense}), std::string("dense"));
    QCOMPARE(Model::load(HEADKV_GOLDENS "/tiny/tiny-f32.gguf")->info().weights, std::string("dense"));
    QCOMPARE(Model::load(HEADKV_GOLDENS "/tiny/tiny-f32.gguf", {.weights = WeightForm::Int4})->info().weights,
             std::string("int4"));
}

QTEST_APPLESS_MAIN(QuantizedMatrixTest)
#include "QuantizedMatrixTest.moc"
