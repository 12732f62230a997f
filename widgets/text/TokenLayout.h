// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QHash>
#include <QStaticText>
#include <QStringList>
#include <vector>

namespace headkv {

/// Where tokens stand when their pieces are set as a text: lines break at a width between words (within a word that is
/// wider), and at the newlines in the pieces. Widths are measured once for each distinct piece, so the work is linear
/// in the tokens, and small.
class TokenLayout
{
public:
    /// A part of a token in one line: mostly all of it.
    struct Fragment
    {
        int token = 0;
        int part = 0;  ///< of parts()
        int begin = 0; ///< characters of the part's text that are shown
        int length = 0;
        float x = 0;
        float width = 0;
    };
    /// What is drawn of a piece up to a newline in it.
    struct Part
    {
        QString text;           ///< as shown
        float width = 0;        ///< of all of it
        float leadingSpace = 0; ///< width of a space that it begins with, which is left out where a line begins
        bool quiet = false;     ///< stands for what is no text: special tokens, newlines, bytes that make no character
        bool breakBefore = false; ///< a line may begin with it
        bool breakAfter = false;  ///< a line may begin after it
        bool blank = false;       ///< only spaces: hangs over the end of a full line
        bool endsLine = false;    ///< a newline
        QStaticText drawn;        ///< text, laid out
    };

    void setTokens(const QStringList &pieces, const QFont &font);
    void setFont(const QFont &font);
    /// Breaks the lines; width in pixels.
    void layOut(float width);

    [[nodiscard]] int tokenCount() const { return static_cast<int>(m_tokens.size()); }
    [[nodiscard]] int lineCount() const { return static_cast<int>(m_lines.size()) - 1; }
    [[nodiscard]] const std::vector<Fragment> &fragments() const { return m_fragments; }
    [[nodiscard]] const Part &part(const Fragment &fragment) const
    {
        return m_parts[static_cast<std::size_t>(fragment.part)];
    }
    [[nodiscard]] QString shownText(const Fragment &fragment) const
    {
        return part(fragment).text.mid(fragment.begin, fragment.length);
    }
    /// The fragments of a line: first and past the last.
    [[nodiscard]] int lineBegin(int line) const { return m_lines[static_cast<std::size_t>(line)]; }
    [[nodiscard]] int lineEnd(int line) const { return m_lines[static_cast<std::size_t>(line) + 1]; }
    /// The line of a token's beginning; 0 where there are none.
    [[nodiscard]] int lineOf(int token) const;
    /// The token at x in a line, −1 beside the text.
    [[nodiscard]] int tokenAt(int line, float x) const;
    /// The first fragment of a token.
    [[nodiscard]] int fragmentOf(int token) const;

private:
    struct Piece
    {
        int firstPart = 0;
        int partCount = 0;
    };
    Piece makePiece(const QString &text);
    void addPart(const QString &text, bool quiet, bool breakBefore, bool endsLine);
    void measure();
    void place(int token, int part);
    void put(int token, int part, int begin, int length, float width);
    /// A part that is wider than a line: broken where a line is full.
    void putWide(int token, int part, int begin);
    /// The word that is being set, to a line of its own.
    void moveWord();
    void newLine();

    QFont m_font;
    std::vector<int> m_tokens; ///< index into m_pieces
    std::vector<Piece> m_pieces;
    std::vector<Part> m_parts;
    std::vector<Fragment> m_fragments; ///< in order
    std::vector<int> m_lines{0};       ///< first fragments of the lines, and the end
    // While lines are broken:
    float m_width = 0;
    float m_x = 0;
    std::size_t m_word = 0; ///< first fragment of the word being set
    bool m_breakNext = false;
};

} // namespace headkv
