// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/probe/ScoreText.h"

#include <charconv>
#include <string>

namespace headkv {

namespace {

/// A place in the text. Each function moves it behind what it takes and says whether that was there.
class Cursor
{
public:
    explicit Cursor(std::string_view text)
        : m_at(text.data())
        , m_end(text.data() + text.size())
    {}

    /// A character of JSON's structure, with blanks before it.
    bool take(char wanted)
    {
        skipBlanks();
        if (m_at == m_end || *m_at != wanted)
            return false;
        ++m_at;
        return true;
    }

    /// "LAYER-HEAD", spelt as numbers are: no sign, no leading zero.
    bool takeKey(HeadId &key)
    {
        if (!take('"') || !takeIndex(key.layer) || m_at == m_end || *m_at != '-')
            return false;
        ++m_at;
        return takeIndex(key.head) && m_at != m_end && *m_at++ == '"';
    }

    /// A score by JSON's grammar, which is narrower than that of from_chars; not negative.
    bool takeScore(double &score)
    {
        skipBlanks();
        const char *begin = m_at;
        if (!takeDigits() || (*begin == '0' && m_at - begin > 1))
            return false;
        if (m_at != m_end && *m_at == '.' && (++m_at, !takeDigits()))
            return false;
        if (m_at != m_end && (*m_at == 'e' || *m_at == 'E')) {
            ++m_at;
            m_at += m_at != m_end && (*m_at == '+' || *m_at == '-') ? 1 : 0;
            if (!takeDigits())
                return false;
        }
        const auto read = std::from_chars(begin, m_at, score);
        return read.ec == std::errc() && read.ptr == m_at;
    }

    bool isAtEnd()
    {
        skipBlanks();
        return m_at == m_end;
    }

private:
    void skipBlanks()
    {
        while (m_at != m_end && (*m_at == ' ' || *m_at == '\n' || *m_at == '\r' || *m_at == '\t'))
            ++m_at;
    }

    bool takeDigits()
    {
        const char *begin = m_at;
        while (m_at != m_end && *m_at >= '0' && *m_at <= '9')
            ++m_at;
        return m_at != begin;
    }

    bool takeIndex(int &index)
    {
        const char *begin = m_at;
        if (!takeDigits() || (*begin == '0' && m_at - begin > 1))
            return false;
        return std::from_chars(begin, m_at, index).ec == std::errc();
    }

    const char *m_at;
    const char *m_end;
};

bool takeList(Cursor &cursor, std::vector<double> &list)
{
    if (!cursor.take('['))
        return false;
    do {
        if (!cursor.takeScore(list.emplace_back()))
            return false;
    } while (cursor.take(','));
    return cursor.take(']');
}

} // namespace

std::optional<ScoreLists> readScoreText(std::string_view text)
{
    Cursor cursor(text);
    ScoreLists lists;
    if (!cursor.take('{'))
        return {};
    std::size_t expected = 0;
    do {
        HeadId key;
        if (!cursor.takeKey(key) || !cursor.take(':'))
            return {};
        const auto [entry, isNew] = lists.try_emplace(key);
        entry->second.reserve(expected);
        if (!isNew || !takeList(cursor, entry->second))
            return {};
        expected = entry->second.size();
    } while (cursor.take(','));
    if (!cursor.take('}') || !cursor.isAtEnd())
        return {};
    return lists;
}

} // namespace headkv
