#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets up, configures and builds one preset.   usage: scripts/build.sh [PRESET [TARGET…]]   (default: release, all)
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
# NVIDIA's libraries are gigabytes that a build does not need, only a machine with a GPU.
if [ "$preset" = cuda ] && [ -e /dev/nvidia0 ]; then scripts/setup.sh --cuda; else scripts/setup.sh; fi
# Configure only when there is no build tree yet: Ninja does it again by itself when a CMake file changes.
[ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >&2 || { echo "build: configuring failed: see above" >&2; exit 1; }
targets=("${@:2}")
cmake --build --preset "$preset" ${targets:+--target "${targets[@]}"} >&2 || { echo "build: compiling failed: see above" >&2; exit 1; }
