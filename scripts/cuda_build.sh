#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the programs of the cuda preset and sees that they start, with a GPU or without one; scripts/cuda_check.sh does what needs a GPU.
#   usage: scripts/cuda_build.sh
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh cuda headkv headkv-explorer
bin=build/cuda/bin
QT_QPA_PLATFORM=offscreen "$bin/headkv-explorer" --version
if said=$("$bin/headkv" generate default --device cuda --prompt Hello --max-new-tokens 1 2>&1); then
  echo "cuda: generated on a device: $said"
elif [[ $said == *'no CUDA device was found'* ]]; then
  echo "cuda: starts without a device, and says: $said"
else
  echo "cuda: $said" >&2
  exit 1
fi
