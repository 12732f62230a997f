// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/TokenLayout.h"

#include <QFontMetricsF>
#include <QRegularExpression>
#include <algorithm>

namespace headkv {

namespace {

/// The marks that tokenizers write for tokens that are no text.
bool isSpecial(const QString &piece)
{
    static const QRegularExpression pattern(
        QStringLiteral(R"(^(<\|.+\|>|</?(s|unk|pad|bos|eos|mask)>|<(start|end)_of_turn>|<｜.+｜>|\[/?INST\])$)"));
    const bool mayBe = piece.size() > 2 && (piece.startsWith(QLatin1Char('<')) || piece.startsWith(QLatin1Char('[')));
    return mayBe && pattern.match(piece).hasMatch();
}

bool isIdeograph(QChar c)
{
    return (c >= QChar(0x2E80) && c <= QChar(0x9FFF)) || (c >= QChar(0xAC00) && c <= QChar(0xD7A3)) ||
           (c >= QChar(0xF900) && c <= QChar(0xFAFF)) || (c >= QChar(0xFF00) && c <= QChar(0xFFEF));
}

/// What is shown of a character that has no picture of its own; null: itself.
QChar picture(QChar c)
{
    if (c == QChar::Tabulation) {
        return {};
    }
    const char16_t code = c.unicode();
    return code < 0x20 ? QChar(0x2400 + code) : code == 0x7F ? QChar(0x2421) : QChar();
}

/// Characters that only stand for what could not be decoded.
bool isUndecodable(const QString &text)
{
    return std::ranges::all_of(text, [](QChar c) { return c == QChar::ReplacementCharacter || !picture(c).isNull(); });
}

QString shown(const QString &text)
{
    QString result;
    result.reserve(text.size());
    for (const QChar c : text) {
        if (c == QChar::Tabulation) {
            result += QStringLiteral("    ");
        } else {
            result += picture(c).isNull() ? c : picture(c);
        }
    }
    return result;
}

} // namespace

void TokenLayout::addPart(const QString &text, bool quiet, bool breakBefore, bool endsLine)
{
    Part part;
    part.text = text;
    part.quiet = quiet;
    part.breakBefore = breakBefore;
    part.breakAfter = quiet || (!text.isEmpty() && (text.back().isSpace() || isIdeograph(text.back())));
    part.blank = std::ranges::all_of(text, [](QChar c) { return c.isSpace(); });
    part.endsLine = endsLine;
    m_parts.push_back(part);
}

TokenLayout::Piece TokenLayout::makePiece(const QString &text)
{
    Piece piece;
    piece.firstPart = static_cast<int>(m_parts.size());
    if (text.isEmpty()) {
        addPart(QStringLiteral("▯"), true, true, false);
    } else if (isSpecial(text)) {
        addPart(text, true, true, false);
    } else {
        QString lines = text;
        lines.replace(QLatin1String("\r\n"), QLatin1String("\n"));
        qsizetype begin = 0;
        while (begin < lines.size()) {
            qsizetype end = lines.indexOf(QLatin1Char('\n'), begin);
            const bool newline = end >= 0;
            end = newline ? end : lines.size();
            if (end > begin) {
                const QString own = lines.mid(begin, end - begin);
                const bool breakBefore = own.front().isSpace() || isIdeograph(own.front());
                addPart(shown(own), isUndecodable(own), breakBefore, false);
            }
            if (newline) {
                addPart(QStringLiteral("↵"), true, false, true);
            }
            begin = end + 1;
        }
    }
    piece.partCount = static_cast<int>(m_parts.size()) - piece.firstPart;
    return piece;
}

void TokenLayout::setTokens(const QStringList &pieces, const QFont &font)
{
    m_font = font;
    m_tokens.clear();
    m_pieces.clear();
    m_parts.clear();
    m_fragments.clear();
    m_lines = {0};
    m_tokens.reserve(static_cast<std::size_t>(pieces.size()));
    QHash<QString, int> known;
    for (const QString &piece : pieces) {
        const auto found = known.constFind(piece);
        const int index = found != known.constEnd() ? *found : static_cast<int>(m_pieces.size());
        if (found == known.constEnd()) {
            known.insert(piece, index);
            m_pieces.push_back(makePiece(piece));
        }
        m_tokens.push_back(index);
    }
    measure();
}

void TokenLayout::setFont(const QFont &font)
{
    m_font = font;
    measure();
}

void TokenLayout::measure()
{
    const QFontMetricsF metrics(m_font);
    const auto space = static_cast<float>(metrics.horizontalAdvance(QLatin1Char(' ')));
    for (Part &part : m_parts) {
        part.width = static_cast<float>(metrics.horizontalAdvance(part.text));
        part.leadingSpace = part.text.startsWith(QLatin1Char(' ')) ? space : 0;
        part.drawn = QStaticText(part.text); // laid out when it is first painted
        part.drawn.setTextFormat(Qt::PlainText);
    }
}

void TokenLayout::newLine()
{
    m_lines.push_back(static_cast<int>(m_fragments.size()));
    m_x = 0;
    m_word = m_fragments.size();
}

void TokenLayout::put(int token, int part, int begin, int length, float width)
{
    m_fragments.push_back({token, part, begin, length, m_x, width});
    m_x += width;
}

void TokenLayout::moveWord()
{
    m_lines.push_back(static_cast<int>(m_word));
    m_x = 0;
    for (std::size_t i = m_word; i < m_fragments.size(); ++i) {
        Fragment &moved = m_fragments[i];
        const float space = part(moved).leadingSpace;
        if (i == m_word && space > 0 && moved.begin == 0) {
            moved.begin = 1;
            moved.length -= 1;
            moved.width -= space;
        }
        moved.x = m_x;
        m_x += moved.width;
    }
}

void TokenLayout::putWide(int token, int index, int begin)
{
    const QString &text = m_parts[static_cast<std::size_t>(index)].text;
    const QFontMetricsF metrics(m_font);
    const auto widthOf = [&](int count) {
        return static_cast<float>(metrics.horizontalAdvance(text.mid(begin, count)));
    };
    const int size = static_cast<int>(text.size());
    const auto guess = static_cast<int>(m_width / static_cast<float>(std::max(1.0, metrics.averageCharWidth())));
    while (begin < size) {
        int count = std::clamp(guess, 1, size - begin);
        while (count > 1 && widthOf(count) > m_width) {
            count -= std::max(1, count / 16);
        }
        const bool splitsPair = begin + count < size && text[begin + count].isLowSurrogate();
        count += splitsPair ? 1 : 0;
        put(token, index, begin, count, widthOf(count));
        begin += count;
        if (begin < size) {
            newLine();
        }
    }
}

void TokenLayout::place(int token, int index)
{
    const Part &part = m_parts[static_cast<std::size_t>(index)];
    const int size = static_cast<int>(part.text.size());
    if (part.endsLine) { // hangs over the end of a full line
        put(token, index, 0, size, part.width);
        newLine();
        return;
    }
    if (part.breakBefore || m_breakNext) {
        m_word = m_fragments.size();
    }
    m_breakNext = part.breakAfter;
    bool wraps = m_x > 0 && m_x + part.width > m_width;
    if (wraps && part.blank) {
        put(token, index, 0, size, std::max(0.0F, m_width - m_x));
        return;
    }
    const bool continues = m_word < m_fragments.size();
    if (wraps && continues && static_cast<int>(m_word) > m_lines.back()) {
        moveWord();
        wraps = m_x + part.width > m_width;
    }
    if (wraps) {
        newLine();
    }
    const bool dropsSpace = wraps && !continues && part.leadingSpace > 0;
    const float width = part.width - (dropsSpace ? part.leadingSpace : 0);
    const int begin = dropsSpace ? 1 : 0;
    if (width > m_width && m_x == 0 && size - begin > 1) {
        putWide(token, index, begin);
    } else {
        put(token, index, begin, size - begin, width);
    }
}

void TokenLayout::layOut(float width)
{
    m_width = std::max(width, 1.0F);
    m_x = 0;
    m_word = 0;
    m_breakNext = false;
    m_fragments.clear();
    m_fragments.reserve(m_tokens.size() + m_tokens.size() / 8);
    m_lines = {0};
    for (std::size_t token = 0; token < m_tokens.size(); ++token) {
        const Piece &piece = m_pieces[static_cast<std::size_t>(m_tokens[token])];
        for (int part = 0; part < piece.partCount; ++part) {
            place(static_cast<int>(token), piece.firstPart + part);
        }
    }
    m_lines.push_back(static_cast<int>(m_fragments.size()));
}

int TokenLayout::fragmentOf(int token) const
{
    return static_cast<int>(std::ranges::lower_bound(m_fragments, token, {}, &Fragment::token) - m_fragments.begin());
}

int TokenLayout::lineOf(int token) const
{
    const auto next = std::upper_bound(m_lines.begin(), m_lines.end() - 1, fragmentOf(token));
    return std::max(0, static_cast<int>(next - m_lines.begin()) - 1);
}

int TokenLayout::tokenAt(int line, float x) const
{
    if (line < 0 || line >= lineCount() || x < 0) {
        return -1;
    }
    const auto begin = m_fragments.begin() + lineBegin(line);
    const auto end = m_fragments.begin() + lineEnd(line);
    const auto next = std::upper_bound(begin, end, x, [](float at, const Fragment &one) { return at < one.x; });
    if (next == begin) {
        return -1;
    }
    const Fragment &fragment = *(next - 1);
    return x < fragment.x + fragment.width ? fragment.token : -1;
}

} // namespace headkv
