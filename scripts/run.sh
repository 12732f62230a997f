#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets up, builds and opens HeadKV Explorer.
#   usage: scripts/run.sh [FILE… and options of headkv-explorer]
#          scripts/run.sh --headless    no window: a short probe of the default model, its strongest heads printed
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh release headkv_programs # not the tests
bin=build/release/bin
if [ "${1:-}" != --headless ]; then
  if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ]; then
    echo "run: there is no display (DISPLAY and WAYLAND_DISPLAY are empty): start from a desktop, through xvfb-run, or use --headless" >&2
    exit 1
  fi
  exec "$bin/headkv-explorer" "$@"
fi
[ $# -eq 1 ] || { echo "run: --headless takes no other arguments; see $bin/headkv probe --help for a probe of your own" >&2; exit 2; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$bin/headkv" probe default --kind retrieval --lengths 512 --depths 3 --max-new-tokens 24 --out "$out/scores.json" >/dev/null
"$bin/headkv" scores "$out/scores.json" --top 10
