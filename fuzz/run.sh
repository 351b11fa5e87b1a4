#!/usr/bin/env bash
# Fuzzes targets from their seeds for so many seconds each, all targets where none is named:
#
#   fuzz/run.sh SECONDS [TARGET…]
#
# Fails after the last target if any of them crashed, ran out of memory, or took longer than SLOW seconds for one input.
# What did so lies in fuzz/artifacts/TARGET/.
set -euo pipefail
cd "$(dirname "$0")"

readonly MAX_LENGTH=65536 MEMORY_MIB=2048
# The instrumented program is ten to twenty times slower than the released one.
readonly SLOW=2 TIMEOUT=5

seconds=${1:?usage: fuzz/run.sh SECONDS [TARGET…]}
shift
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
targets=("$@")
if ((${#targets[@]} == 0)); then
  mapfile -t targets < <(cargo +nightly fuzz list)
fi

started=$(mktemp)
trap 'rm -f "$started"' EXIT
failed=()
for target in "${targets[@]}"; do
  echo "== $target"
  mkdir -p "corpus/$target" "artifacts/$target"
  # What an earlier run left behind is no failure of this one.
  touch "$started"
  # The first folder takes what is new.
  folders=("corpus/$target")
  if [[ -d seeds/$target ]]; then folders+=("seeds/$target"); fi
  # The fixtures of the rules are the seeds of the engine that runs them.
  if [[ $target == secrets ]]; then folders+=(../fixtures); fi
  options=("-max_total_time=$seconds" "-max_len=$MAX_LENGTH" "-rss_limit_mb=$MEMORY_MIB" "-timeout=$TIMEOUT"
    "-report_slow_units=$SLOW" -print_final_stats=1 -verbosity=0)
  if [[ -f dictionaries/$target.dict ]]; then options+=("-dict=dictionaries/$target.dict"); fi
  if ! cargo +nightly fuzz run "$target" "${folders[@]}" -- "${options[@]}" \
    || [[ -n $(find "artifacts/$target" -type f -newer "$started") ]]; then
    failed+=("$target")
  fi
done

if ((${#failed[@]} > 0)); then
  echo "failed: ${failed[*]}; the inputs are in fuzz/artifacts/" >&2
  exit 1
fi
