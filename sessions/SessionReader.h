// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "sessions/SessionDocument.h"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace headkv {

class JsonPlace;

/// Makes a session of its document, which has the current layout and is not trusted. Errors: Input.
class SessionReader
{
public:
    SessionReader(const nlohmann::ordered_json &document, const QString &path);

    [[nodiscard]] SessionDocument read();

private:
    void readModel(const JsonPlace &place);
    void readLayout(const JsonPlace &place);
    void readScores(const JsonPlace &place);
    void readHeads(const JsonPlace &place);
    void readBudgets(const JsonPlace &place);
    void readProbeForm(const JsonPlace &place);
    void readTasks(const JsonPlace &place);
    void readVariants(const JsonPlace &place);
    void readGenerateForm(const JsonPlace &place);
    [[nodiscard]] SessionLane lane(const JsonPlace &place) const;
    void readProbe(const JsonPlace &place);
    [[nodiscard]] QString haystack(const JsonPlace &place) const;
    [[nodiscard]] int scoreSet(const JsonPlace &place) const;

    const nlohmann::ordered_json &m_json;
    QString m_path;
    std::string m_source;
    SessionDocument m_document;
};

} // namespace headkv
