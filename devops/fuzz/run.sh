#!/usr/bin/env bash
# Builds the fuzz targets with libFuzzer and AddressSanitizer, and feeds each for its share of the time.
# Usage: devops/fuzz/run.sh MINUTES [TARGET...]
#
# What is new to the code under test is kept in .generated/fuzz, so that the next run begins there. An input
# that crashes goes to Tests/Fuzz/Corpus, where `make test` feeds it for ever after.
set -euo pipefail
cd "$(dirname "$0")/../.."
minutes=$1
shift

# Both at once: of two sanitizers that `--sanitize` names, the Swift compiler follows only the last.
OUTRIDER_FUZZ=1 swift build -c release --scratch-path .build-fuzz --sanitize fuzzer -Xswiftc -sanitize=address,fuzzer \
  -Xcc -fsanitize=address --product fuzz
targets=("$@")
[ ${#targets[@]} != 0 ] || mapfile -t targets < <(ls Tests/Fuzz/Corpus)
seconds=$((minutes * 60 / ${#targets[@]}))
export LSAN_OPTIONS=suppressions=$PWD/devops/soak/leaks.suppressions:print_suppressions=0

# The last number that libFuzzer's log gives for a name.
last() {
  grep -oE "$1 [0-9]+" "$2" | tail -1 | grep -oE '[0-9]+$' || echo 0
}

failed=0
total=0
printf '%-14s %12s %9s %9s %7s\n' target executions edges features crashes
for target in "${targets[@]}"; do
  seeds=Tests/Fuzz/Corpus/$target
  found=.generated/fuzz/$target
  log=.generated/fuzz/$target.log
  mkdir -p "$found"
  # A round ends at the first crash; what it found is a failure, whatever comes after.
  outcome=0
  # Swift's own report of a trap would keep libFuzzer from saving the input.
  SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$target .build-fuzz/release/fuzz "$found" "$seeds" -max_total_time=$seconds -max_len=4096 \
    -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$seeds/" -print_final_stats=1 >"$log" 2>&1 || outcome=1
  executions=$(last 'number_of_executed_units:' "$log")
  [ "$(last 'cov:' "$log")" -gt 50 ] || { echo "  $target: libFuzzer does not see the code"; outcome=1; }
  total=$((total + executions))
  printf '%-14s %12s %9s %9s %7s\n' "$target" "$executions" "$(last 'cov:' "$log")" "$(last 'ft:' "$log")" $outcome
  if [ $outcome != 0 ]; then
    failed=1
    grep -E '^==|ERROR: |SUMMARY|Fatal error|Test unit written|Precondition' "$log" | head -5 | sed 's/^/  /' || true
  fi
done
echo "$total executions, $([ $failed = 0 ] && echo all clean || echo with crashes)"
exit $failed
