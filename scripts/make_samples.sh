#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes sessions/samples/smollm2-135m.hkv anew, with the built program and the default model over the program's own
# haystack: probes of all three kinds, a comparison on needles, and the session of them.
#   scripts/make_samples.sh [BUILD_FOLDER [WORK_FOLDER]]      some ten minutes on two cores
# With a work folder, what is there already is not computed again.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
bin=$(cd "${1:-$root/build/release}/bin" && pwd)
out=$root/sessions/samples/smollm2-135m.hkv
if [ $# -gt 1 ]; then
  work=$2
  mkdir -p "$work"
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
cd "$work" # files are named without a folder, so that nothing of this machine is in the sample

probe() { # SET KIND, then options
  [ -f "$1.json" ] || "$bin/headkv" probe default --kind "$2" --haystack built-in --out "$1.json" "${@:3}"
}
probe R retrieval --lengths 512,1000 --depths 3
probe ER enhanced --lengths 512,1000 --depths 3
probe R2 reasoning --scoring forced --lengths 512,1000 --depths 2
head -n 4 "$root/resources/needles/facts.jsonl" > needles.jsonl
"$bin/headkv" evaluate default --haystack built-in --tasks niah --needles needles.jsonl --lengths 512,1000 --depths 3 \
  --methods full,streaming,snapkv,ada-snapkv,headkv --budgets 64,128 --scores R=R.json --max-new-tokens 24 \
  --out comparison.json --resume
QT_QPA_PLATFORM=offscreen "$bin/headkv-explorer" default R.json ER.json R2.json comparison.json --page heads --save made.hkv
python3 - made.hkv "$out" <<'PYTHON'
import json, sys
session = json.load(open(sys.argv[1]))
sets = {s["name"]: i for i, s in enumerate(session["score_sets"])}
scores = session["score_sets"][sets["R"]]
means = [sum(v) / len(v) for v in scores["values"]]
top = sorted(range(len(means)), key=lambda i: -means[i])[:3]
session["heads"] = {"sets": [sets["R"], sets["R2"]], "difference": False, "kv_heads": 0,
                    "pins": [{"kv_heads": 0, "heads": [f"{i // scores['heads']}-{i % scores['heads']}" for i in top]}]}
session["budgets"]["methods"] = ["snapkv", "pyramidkv", "headkv"]
session["budgets"]["score_set"] = sets["R"]
session["layout"] = {"page": "heads", "docks": []}
session["notes"] = (
    "The sample: the heads of SmolLM2-135M-Instruct, probed over the program's own text by scripts/make_samples.sh.\n\n"
    "R: retrieval, Eq. 1. ER: attention on the answer, Eq. 2. R2: the same, where only a reasoning step leads to it.\n"
    "Pinned are R's three strongest heads.\n\n"
    "Compare has five methods at two budgets on needles. Two dozen cases: the intervals are wide.\n"
    "Change what you like; Save asks for a file of your own.")
with open(sys.argv[2], "w") as file: # one part a line, as the program writes it
    parts = (json.dumps(key) + ":" + json.dumps(part, ensure_ascii=False, separators=(",", ":"))
             for key, part in session.items())
    file.write("{" + ",\n".join(parts) + "}\n")
PYTHON
ls -l "$out"
