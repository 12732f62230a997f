#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the pictures of docs/images from the program itself, over the program's own haystack text (no essays).
#   usage: scripts/make_screenshots.sh [PRESET]   (default: release; it has to be built)
# Needs imagemagick. Scores and reports are computed once, into build/screenshots.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=build/${1:-release}/bin
work=build/screenshots
images=docs/images
export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen} QT_LOGGING_RULES="qt.qpa.*=false"
[ -x "$bin/headkv-explorer" ] || { echo "make_screenshots: $bin/headkv-explorer is not there: run scripts/build.sh" >&2; exit 1; }
command -v convert >/dev/null || { echo "make_screenshots: imagemagick is not there: run scripts/setup.sh" >&2; exit 1; }
mkdir -p "$work" "$images"
hay=resources/haystack/built-in.txt

# once FILE COMMAND…: what takes long is kept; a run that was stopped leaves no FILE.
once() { local file=$1; shift; [ -s "$file" ] || "$@"; }
once "$work/probe.json" "$bin/headkv" probe default --kind retrieval --lengths 256,512,768 --depths 5 --haystack "$hay" \
  --out "$work/r.json" --report "$work/probe.json" --quiet
once "$work/er.json" "$bin/headkv" probe default --kind enhanced --lengths 256,512 --depths 5 --haystack "$hay" --out "$work/er.json" --quiet
once "$work/results.json" "$bin/headkv" evaluate default --tasks niah,documents --lengths 500,700 --depths 3 --haystack "$hay" \
  --methods full,snapkv,headkv --budgets 64,128 --scores R="$work/r.json" --max-cases 4 --out "$work/results.json" --quiet
{ head -c 1200 "$hay"; echo " The secret word of the garden club is lantern. "; head -c 2600 "$hay" | tail -c +1201
  printf '\n\nWhat is the secret word of the garden club?\n'; } > "$work/prompt.txt"
for method in full snapkv headkv; do
  once "$work/run-$method.json" "$bin/headkv" generate default --prompt-file "$work/prompt.txt" --method "$method" --budget 96 --scores "$work/r.json" \
    --granularity kv-head --max-new-tokens 32 --report "$work/run-$method.json" --report-cache --quiet
done

# shot NAME PAGE FILE…: 256 colours are enough for a window, and a third of the bytes.
shot() {
  local name=$1 page=$2
  shift 2
  "$bin/headkv-explorer" "$@" --page "$page" --theme light --size 1280x800 --screenshot "$work/$name.png"
  convert "$work/$name.png" -strip -colors 256 -define png:compression-level=9 "$images/$name.png"
}
shot explorer-model model default
shot explorer-probe probe default "$work/probe.json"
shot explorer-heads heads "$work/r.json" "$work/er.json"
shot explorer-budget budget default "$work/r.json"
shot explorer-generate generate default "$work"/run-full.json "$work"/run-snapkv.json "$work"/run-headkv.json
shot explorer-compare compare "$work/results.json"
shot explorer-export heads "$work/r.json" --action file.export
shot explorer-commands heads "$work/r.json" --action view.commands
du -h "$images"/*.png >&2
