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

    Haystack m_own;
    mutable std::optional<Haystack> m_essays;
};

} // namespace headkv
