// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/JinjaTemplate.h"
#include "core/base/Error.h"

#include <QElapsedTimer>
#include <QTest>
#include <fstream>
#include <random>

using namespace headkv;

class JinjaTemplateTest : public QObject
{
    Q_OBJECT

private slots:
    void printsAsJinja2_data();
    void printsAsJinja2();
    void refusesWhatItDoesNotKnow_data();
    void refusesWhatItDoesNotKnow();
    void isBounded_data();
    void isBounded();
    void damagedTemplatesAreHarmless();

private:
    /// Renders; false where the template is refused, with one line that says why.
    static bool renders(const std::string &jinja, const JinjaValue &variables);
};

namespace {

const JinjaValue &goldens()
{
    static const JinjaValue all = JinjaValue::parse(std::ifstream(HEADKV_GOLDENS "/chat/jinja.json"));
    return all;
}

std::string repeated(std::string_view text, int count)
{
    std::string result;
    for (int i = 0; i < count; ++i)
        result += text;
    return result;
}

} // namespace

bool JinjaTemplateTest::renders(const std::string &jinja, const JinjaValue &variables)
{
    try {
        (void)JinjaTemplate(jinja).render(variables);
        return true;
    } catch (const Error &error) {
        return error.kind() != ErrorKind::Input;
    }
}

void JinjaTemplateTest::printsAsJinja2_data()
{
    QTest::addColumn<QByteArray>("jinja");
    QTest::addColumn<QByteArray>("printed");
    for (const auto &golden : goldens().at("cases")) {
        const QByteArray jinja = QByteArray::fromStdString(golden.at("template").get<std::string>());
        QTest::newRow(jinja.simplified().constData())
            << jinja << QByteArray::fromStdString(golden.at("printed").get<std::string>());
    }
}

void JinjaTemplateTest::printsAsJinja2()
{
    QFETCH(QByteArray, jinja);
    QFETCH(QByteArray, printed);
    try {
        QCOMPARE(QByteArray::fromStdString(JinjaTemplate(jinja.toStdString()).render(goldens().at("variables"))),
                 printed);
    } catch (const Error &error) {
        QFAIL(error.what());
    }
}

void JinjaTemplateTest::refusesWhatItDoesNotKnow_data()
{
    QTest::addColumn<QByteArray>("jinja");
    for (const char *jinja : {"{% include 'a' %}",
                              "{% if x %}",
                              "{% endif %}",
                              "{% for %}a{% endfor %}",
                              "{{ x",
                              "{{ 'a }}",
                              "{{ x ) }}",
                              "{{ (x }}",
                              "{{ x y }}",
                              "{{ }}",
                              "{{ 1 + }}",
                              "{{ x | }}",
                              "{{ x is }}",
                              "{{ x[] }}",
                              "{{ x[1:2:3:4] }}",
                              "{{ x[1 2] }}",
                              "{{ x ! y }}",
                              "{{ 0x1f }}",
                              "{{ '\\ud800' }}",
                              "{{ '\\N{DASH}' }}",
                              "{# a",
                              "{% set x %}",
                              "{{ [1] }}",
                              "{{ {1: 2} }}",
                              "{{ 1 + 'a' }}",
                              "{{ 'a' + missing }}",
                              "{{ missing.a }}",
                              "{{ missing() }}",
                              "{{ 1 / 0 }}",
                              "{{ 1 % 0 }}",
                              "{{ x < 'a' }}",
                              "{{ x | nofilter }}",
                              "{{ x is notest }}",
                              "{{ 'a'.encode() }}",
                              "{{ [].append(1) }}",
                              "{% for i in 5 %}{% endfor %}",
                              "{% for a, b in [[1]] %}{% endfor %}",
                              "{{ raise_exception('no') }}",
                              "{% macro m() %}{% endmacro %}{{ m(1) }}",
                              "{{ 'a'.split('') }}",
                              "{{ 2 ** 3 }}",
                              "{{ '%s' % 3 }}",
                              "{% set x.a = 1 %}",
                              "{{ strftime_now('%Q') }}",
                              "{{ {}.pop('a') }}"})
        QTest::newRow(jinja) << QByteArray(jinja);
}

void JinjaTemplateTest::refusesWhatItDoesNotKnow()
{
    QFETCH(QByteArray, jinja);
    QVERIFY(!renders(jinja.toStdString(), {{"x", 7}}));
}

void JinjaTemplateTest::isBounded_data()
{
    QTest::addColumn<QByteArray>("jinja");
    const auto row = [](const char *name, const std::string &jinja) {
        QTest::newRow(name) << QByteArray::fromStdString(jinja);
    };
    const auto loops = [](int count, const std::string &body) {
        return repeated("{% for i in range(1000) %}", count) + body + repeated("{% endfor %}", count);
    };
    const std::string doubling = "{% set q = namespace(s='ab', l=[1]) %}{% for i in range(99) %}";
    row("brackets", "{{ " + repeated("(", 100000) + "1" + repeated(")", 100000) + " }}");
    row("open brackets", "{{ " + repeated("[", 100000));
    row("nots", "{{ " + repeated("not ", 100000) + "1 }}");
    row("signs", "{{ " + repeated("-", 100000) + "1 }}");
    row("sums", "{{ 1" + repeated(" + 1", 100000) + " }}");
    row("attributes", "{{ x" + repeated(".a", 100000) + " }}");
    row("filters", "{{ x" + repeated("|trim", 100000) + " }}");
    row("conditions", "{{ 1" + repeated(" if 1 else 1", 100000) + " }}");
    row("branches", "{% if 0 %}" + repeated("{% elif 0 %}", 100000) + "{% endif %}");
    row("blocks", repeated("{% if 1 %}", 100000));
    row("loops", loops(6, "{{ i }}"));
    row("empty loops", loops(6, ""));
    row("long range", "{{ range(1000000000)|list|length }}");
    row("printing", loops(2, "0123456789012345678901234567890123456789"));
    row("texts", doubling + "{% set q.s = q.s + q.s %}{% endfor %}");
    row("lists", doubling + "{% set q.l = q.l + q.l %}{% endfor %}");
    row("lists of lists", doubling + "{% set q.l = [q.l, q.l] %}{% endfor %}");
    row("deep lists", doubling + "{% set q.l = [q.l] %}{% endfor %}");
    row("joined", doubling + "{% set q.s = q.s.join([q.s, q.s, q.s]) %}{% endfor %}");
    row("replaced", doubling + "{% set q.s = q.s.replace('a', q.s) %}{% endfor %}");
    row("formatted", "{% set q = namespace(s='{}') %}{% for i in range(99) %}{% set q.s = q.s + q.s %}{% endfor %}");
    row("written as JSON", doubling + "{% set q.s = q.s|tojson|tojson %}{% endfor %}");
    row("macro", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
    row("macros", "{% macro m(n) %}{{ m(n) ~ m(n) }}{% endmacro %}{{ m(1) }}");
    row("great numbers", doubling + "{% set q.s = 9 %}{% endfor %}{% set n = namespace(a=3) %}{% for i in range(99) %}"
                                    "{% set n.a = n.a * n.a %}{% endfor %}");
    row("searching", "{% set a = namespace(s='aaaaaaaa') %}{% for i in range(12) %}{% set a.s = a.s + a.s %}"
                     "{% endfor %}{% set b = a.s[:16000] + 'b' %}" +
                         loops(2, "{% set c = b in a.s %}"));
}

void JinjaTemplateTest::isBounded()
{
    QFETCH(QByteArray, jinja);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(!renders(jinja.toStdString(), {{"x", 7}}));
    QVERIFY2(timer.elapsed() < 5000, qPrintable(QStringLiteral("%1 ms").arg(timer.elapsed())));
}

void JinjaTemplateTest::damagedTemplatesAreHarmless()
{
    std::mt19937 random(5);
    const std::string letters = "{}%#'\"\\-+~[]()|=.:, \n\x80";
    int rendered = 0, refused = 0;
    for (const auto &golden : goldens().at("cases")) {
        const std::string whole = golden.at("template");
        for (std::size_t length = 0; length < whole.size(); ++length) {
            std::string damaged = whole;
            for (int i = 0; i < 2; ++i)
                damaged[random() % damaged.size()] = letters[random() % letters.size()];
            for (const std::string &jinja : {whole.substr(0, length), damaged})
                (renders(jinja, goldens().at("variables")) ? rendered : refused) += 1;
        }
    }
    QVERIFY(rendered > 100);
    QVERIFY(refused > 100);
}

QTEST_GUILESS_MAIN(JinjaTemplateTest)
#include "JinjaTemplateTest.moc"
