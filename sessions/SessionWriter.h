// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/SessionDocument.h"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace headkv {

/// Puts a session into words, one part a line.
class SessionWriter
{
public:
    /// `path`: where the text will lie. The document outlives the writer.
    SessionWriter(const SessionDocument &document, const QString &path);

    [[nodiscard]] std::string write();

private:
    void add(const char *key, const nlohmann::ordered_json &value);
    [[nodiscard]] nlohmann::ordered_json describeModel() const;
    [[nodiscard]] nlohmann::ordered_json describeHeads() const;
    [[nodiscard]] nlohmann::ordered_json describeBudgets() const;
    [[nodiscard]] nlohmann::ordered_json describeProbeForm() const;
    [[nodiscard]] nlohmann::ordered_json describeTasks() const;
    [[nodiscard]] nlohmann::ordered_json describeVariants() const;
    [[nodiscard]] nlohmann::ordered_json describeGenerateForm() const;
    [[nodiscard]] nlohmann::ordered_json describeScores(const ScoreSet &set) const;
    [[nodiscard]] nlohmann::ordered_json describeLanes() const;
    /// Null: there is none.
    [[nodiscard]] nlohmann::ordered_json describeProbe() const;

    const SessionDocument &m_document;
    QString m_path;
    std::string m_text;
};

} // namespace headkv
