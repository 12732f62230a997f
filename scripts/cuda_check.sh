#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything about the CUDA kernels that needs a GPU, in one command: builds them for this machine's device with nvcc alone (no
# CMake, Qt or LibTorch), compares them with plain sums, runs them under compute-sanitizer, and measures them.
#   usage: scripts/cuda_check.sh [FOLDER]   logs and figures go there (default: build/cuda-check)
# Exit status: 0; 1 where something failed; 77 where there is no device (then it only builds).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
out=${1:-build/cuda-check}
started=$SECONDS
results=() failed=0

# step NAME SECONDS COMMAND…: runs it, keeps its output, and goes on whatever comes of it.
step() {
  local name=$1 limit=$2 begin=$SECONDS status
  shift 2
  echo "== $name"
  timeout --kill-after=5 "$limit" "$@" 2>&1 | tee "$out/$name.log" | grep -v -E '\bok \(' | tail -n 60
  status=${PIPESTATUS[0]}
  if [ "$status" -eq 0 ]; then results+=("passed   $name ($((SECONDS - begin)) s)")
  elif [ "$status" -eq 124 ]; then results+=("TIMEOUT  $name (after $limit s)"); failed=1
  else results+=("FAILED   $name (status $status, $((SECONDS - begin)) s; $out/$name.log)"); failed=1; fi
  return "$status"
}
report() {
  echo "== report"
  printf '%s\n' "${results[@]}"
  echo "$((SECONDS - started)) s in all"
  exit "$1"
}

for directory in "${CUDA_HOME:-/usr/local/cuda}/bin" /usr/local/cuda/bin; do
  command -v nvcc >/dev/null || PATH=$PATH:$directory
done
command -v nvcc >/dev/null || { echo "cuda_check: nvcc is not found: put it on PATH, or set CUDA_HOME" >&2; exit 1; }
capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d '. ')
[[ $capability =~ ^[0-9]+$ ]] || capability=
architecture=${capability:-90}
build=build/cuda-check/sm_$architecture
mkdir -p "$out" "$build"
[ -z "$capability" ] || nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm,clocks.max.mem --format=csv,noheader

compile() { # SOURCE ARCHITECTURE FOLDER: what is newer than all sources stays
  local object=$3/$(basename "$1").o
  [ ! -f "$object" ] || [ -n "$(find core/cuda tests/core/cuda "$1" -newer "$object" -type f -print -quit)" ] || return 0
  nvcc -std=c++20 -O3 -lineinfo -Xptxas -v -gencode "arch=compute_$2,code=sm_$2" -I. -c "$1" -o "$object" > "$object.log" 2>&1 ||
    { cat "$object.log"; rm -f "$object"; return 255; }
}
export -f compile
build_all() {
  printf '%s\n' core/cuda/*.cu tests/benchmarks/CudaBenchmark.cu tests/core/cuda/{CacheCases,DecodeCases,SelectionCases,TestLayer,DeviceMachine,CudaDeviceTest}.cpp |
    xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'compile "$@"' _ {} "$architecture" "$build" || return 1
  nvcc -gencode "arch=compute_$architecture,code=sm_$architecture" -o "$build/CudaDeviceTest" "$build"/{Cache,Decode*,Selection}.cu.o "$build"/*.cpp.o &&
    nvcc -gencode "arch=compute_$architecture,code=sm_$architecture" -o "$build/CudaBenchmark" "$build"/*.cu.o || return 1
  echo "built for sm_$architecture; kernels that spill registers:"
  grep -h -A2 'Compiling entry' "$build"/*.cu.o.log | c++filt | awk '/Compiling/ {name = $0} /spill/ && !/ 0 bytes spill stores/ {print name; print}' | sed 's/ptxas info *: Compiling entry function//'
}
export -f build_all
export architecture build
step build 900 bash -c build_all || report 1
if [ -z "$capability" ]; then
  "$build/CudaDeviceTest"
  results+=("skipped  everything else: no CUDA device")
  report 77
fi

step test 120 "$build/CudaDeviceTest"
sanitizer=$(command -v compute-sanitizer || ls "${CUDA_HOME:-/usr/local/cuda}"/bin/compute-sanitizer 2>/dev/null)
if [ -n "$sanitizer" ]; then
  step memcheck 120 "$sanitizer" --tool memcheck --error-exitcode 3 "$build/CudaDeviceTest" --small
  step racecheck-decode 60 "$sanitizer" --tool racecheck --error-exitcode 3 "$build/CudaDeviceTest" --small "D=128 group=4"
  step racecheck-scores 60 "$sanitizer" --tool racecheck --error-exitcode 3 "$build/CudaDeviceTest" --small "window scores D=128"
  step racecheck-highest 60 "$sanitizer" --tool racecheck --error-exitcode 3 "$build/CudaDeviceTest" --small "highest scores, 3"
  step synccheck 60 "$sanitizer" --tool synccheck --error-exitcode 3 "$build/CudaDeviceTest" --small "D=128 group=3"
else
  results+=("MISSING  compute-sanitizer is not found"); failed=1
fi
step bench 120 "$build/CudaBenchmark" --json "$out/bench.json"
report "$failed"
