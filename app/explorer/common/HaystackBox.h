// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/probe/Haystack.h"

#include <QComboBox>
#include <optional>

namespace headkv {

/// Chooses the long text that hides a needle: essays, the program's own text, or a file.
class HaystackBox : public QComboBox
{
    Q_OBJECT

public:
    explicit HaystackBox(QWidget *parent = nullptr);

    /// Read when first wanted. Errors: Input. Empty where there is a problem().
    [[nodiscard]] Haystack haystack() const;
    /// "essays", "built-in", or the path of a file.
    [[nodiscard]] QString choice() const;
    /// A file may be gone, which is a problem() then.
    void setChoice(const QString &choice);
    /// As text of the user's own.
    void setHaystack(Haystack haystack);
    [[nodiscard]] QString problem() const;
    [[nodiscard]] static QString explanation();

Q_SIGNALS:
    void changed();
    void failed(const QString &message);

private:
    enum Choice { Essays, BuiltIn, OwnText };

    void choose(int choice);
    void readFile(const QString &path);
    void showOwn();

    mutable Haystack m_own; ///< its text may have to be read
    mutable std::optional<Haystack> m_essays;
};

} // namespace headkv
