#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything about CUDA that needs a GPU, in one command. The kernels: built for this machine's device with nvcc alone (no CMake, Qt or
# LibTorch), compared with plain sums, run under compute-sanitizer, measured. A model: the core built with CMake against a LibTorch with
# CUDA (no Qt), compared with the same model on the CPU, measured with a long prompt and a random model of Llama 3 8B's size.
#   usage: scripts/cuda_check.sh [--kernels | --model] [FOLDER]   cuda-check.log, bench.json, model.json, model-graphs.json go there (build/cuda-check)
#   environment: LibTorch_ROOT (default: set-up's, else that of python3's torch), HEADKV_CMAKE_FLAGS (of the model's build), HEADKV_SCRATCH
#   (20 GB for the random model; default: /dev/shm where it has the room, else /tmp), JOBS
# Exit status: 0; 1 where something failed; 77 where there is no device (then it only builds).
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
parts='kernels model'
case ${1:-} in --kernels | --model) parts=${1#--}; shift ;; esac
out=${1:-build/cuda-check}
mkdir -p "$out" || exit 1
log=$out/cuda-check.log
: > "$log"
started=$SECONDS
results=() failed=0

# step NAME SECONDS COMMAND…: runs it, keeps what it says, and goes on whatever comes of it.
step() {
  local name=$1 limit=$2 begin=$SECONDS status
  shift 2
  echo "== $name" | tee -a "$log"
  timeout --kill-after=5 "$limit" "$@" 2>&1 | tee -a "$log" | grep -v ' ok (' | tail -n 45
  status=${PIPESTATUS[0]}
  case $status in
    0) results+=("passed   $name ($((SECONDS - begin)) s)") ;;
    77) results+=("skipped  $name: no CUDA device") ;;
    124 | 137) results+=("TIMEOUT  $name (after $limit s)"); failed=1 ;;
    *) results+=("FAILED   $name (status $status, $((SECONDS - begin)) s)"); failed=1 ;;
  esac
  return "$status"
}
report() {
  echo "== report (all of it: $log)"
  printf '%s\n' "${results[@]}"
  echo "$((SECONDS - started)) s in all"
  exit "$1"
}

toolkit=${CUDA_HOME:-/usr/local/cuda}
PATH=$PATH:$toolkit/bin:/usr/local/nvidia/bin
command -v nvcc >/dev/null || { echo "cuda_check: nvcc is not found: put it on PATH, or set CUDA_HOME" >&2; exit 1; }
nvidia-smi --query-gpu=name,compute_cap,driver_version,memory.total,clocks.max.sm,clocks.max.mem --format=csv,noheader 2>/dev/null | tee -a "$log"
architecture=$({ nvidia-smi --query-gpu=compute_cap --format=csv,noheader || __nvcc_device_query; } 2>/dev/null | head -n 1 | tr -d '. ')
[[ $architecture =~ ^[0-9]+$ ]] || architecture=90
build=build/cuda-check/sm_$architecture
mkdir -p "$build"
export architecture build

compile() { # SOURCE: again only if a source is newer than what came of it
  local object=$build/$(basename "$1").o
  [ ! -f "$object" ] || [ -n "$(find core/cuda tests/core/cuda "$1" -newer "$object" -type f -print -quit)" ] || return 0
  nvcc -std=c++20 -O3 -lineinfo -Xptxas -v -gencode "arch=compute_$architecture,code=sm_$architecture" -I. -c "$1" -o "$object" > "$object.log" 2>&1 ||
    { cat "$object.log"; rm -f "$object"; return 255; }
}
build_all() {
  printf '%s\n' core/cuda/*.cu tests/benchmarks/CudaBenchmark.cu tests/core/cuda/{CacheCases,DecodeCases,SelectionCases,TestLayer,DeviceMachine,CudaDeviceTest}.cpp |
    xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'compile "$1"' _ {} || return 1
  nvcc -gencode "arch=compute_$architecture,code=sm_$architecture" -o "$build/CudaDeviceTest" "$build"/{Cache,Decode*,Selection}.cu.o "$build"/*.cpp.o &&
    nvcc -gencode "arch=compute_$architecture,code=sm_$architecture" -o "$build/CudaBenchmark" "$build"/*.cu.o || return 1
  awk '/bytes spill stores/ {++kernels; if ($5 > 0) ++spilling; if ($5 > most) most = $5}
       END {print "built for sm_" ENVIRON["architecture"] ": " kernels " kernels, " spilling + 0 " spill registers, " most + 0 " bytes at most"}' "$build"/*.cu.o.log
}
export -f compile build_all

check_kernels() {
  step build 900 bash -c build_all || report 1
  step test 150 "$build/CudaDeviceTest"
  [ $? -ne 77 ] || return 77
  if command -v compute-sanitizer >/dev/null; then
    step memcheck 120 compute-sanitizer --tool memcheck --error-exitcode 3 "$build/CudaDeviceTest" --small
    for word in 'D=128 group=4' 'window scores D=128' 'highest scores, 3'; do
      step "racecheck of $word" 60 compute-sanitizer --tool racecheck --error-exitcode 3 "$build/CudaDeviceTest" --small "$word"
    done
    step synccheck 60 compute-sanitizer --tool synccheck --error-exitcode 3 "$build/CudaDeviceTest" --small 'D=128 group=3'
  else
    results+=("MISSING  compute-sanitizer is not found")
    failed=1
  fi
  step bench 150 "$build/CudaBenchmark" --json "$out/bench.json"
}

libtorch() {
  local root=${LibTorch_ROOT:-$(scripts/setup.sh --print-prefix)/site/torch}
  [ -d "$root/lib" ] || root=$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))' 2>/dev/null)
  printf '%s\n' "$root"
}
scratch() {
  local room
  room=$(df --output=avail -BG /dev/shm 2>/dev/null | tail -n 1 | tr -dc 0-9)
  if [ "${room:-0}" -ge 20 ]; then printf '/dev/shm\n'; else printf '/tmp\n'; fi
}
check_model() {
  local tree=build/cuda-check/model where=${HEADKV_SCRATCH:-$(scratch)} flags
  read -r -a flags <<<"${HEADKV_CMAKE_FLAGS:-}"
  step 'configure the core' 120 cmake -S . -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=Release -DHEADKV_CUDA=ON -DHEADKV_CORE_ONLY=ON \
    -DCMAKE_CUDA_COMPILER="$(command -v nvcc)" -DCMAKE_CUDA_ARCHITECTURES="$architecture-real" -DLibTorch_ROOT="$(libtorch)" "${flags[@]}" || report 1
  step 'build the core' 900 cmake --build "$tree" -j "${JOBS:-$(nproc)}" --target DeviceModelTest DeviceModelBenchmark || report 1
  step 'a model' 200 env OMP_NUM_THREADS=4 OMP_WAIT_POLICY=PASSIVE "$tree/tests/DeviceModelTest" cuda
  [ $? -ne 77 ] || return 77
  step 'a model, steps as graphs' 200 env HEADKV_CUDA_GRAPHS=1 OMP_NUM_THREADS=4 OMP_WAIT_POLICY=PASSIVE "$tree/tests/DeviceModelTest" cuda
  step 'a model with a long prompt' 300 "$tree/benchmarks/DeviceModelBenchmark" --folder "$where" --json "$out/model.json"
  step 'the same, steps as graphs' 300 env HEADKV_CUDA_GRAPHS=1 "$tree/benchmarks/DeviceModelBenchmark" --folder "$where" --json "$out/model-graphs.json"
  rm -rf "$where/headkv-random-8b"
}

for part in $parts; do
  "check_$part"
  [ $? -ne 77 ] || report 77
done
report "$failed"
