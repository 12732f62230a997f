#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets up, builds and runs all tests.   usage: scripts/test.sh [PRESET] [ctest options]   (default preset: release)
set -euo pipefail
cd "$(dirname "$0")/.."
preset=release
if [ $# -gt 0 ] && [[ $1 != -* ]]; then preset=$1; shift; fi
scripts/build.sh "$preset"
ctest --preset "$preset" "$@"
