#!/usr/bin/env bash
# The long form of what is tried of the mapped regions: every death at every write, stores in every order that is allowed,
# interleavings of operations (Lincheck), two mappings of one file on the processor as it is, and flipped bytes.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.."

usage() {
  cat <<'TEXT'
usage: system-tests/suites/concurrency.sh [--iterations N] [--interleavings N] [--rounds N] [--flips N] [--seed N]

  --iterations N     scenarios of operations for each region (default 50)
  --interleavings N  of each scenario (default 2000)
  --rounds N         of each pair of threads over two mappings of one file (default 1000000)
  --flips N          of bytes in each region (default 20000)
  --seed N           of the flips (default: from the clock; it is printed)

Some half an hour with the defaults on two cores. The figures are printed; exit code 0: all held.
TEXT
}

iterations=50
interleavings=2000
rounds=1000000
flips=20000
seed=$(date +%s)
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage; exit 0 ;;
    --iterations) iterations=$2 ;;
    --interleavings) interleavings=$2 ;;
    --rounds) rounds=$2 ;;
    --flips) flips=$2 ;;
    --seed) seed=$2 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift 2
done

out=$(mktemp)
trap 'rm -f -- "$out"' EXIT
began=$SECONDS
code=0
mvn -B -q -nsu -pl shm-layout -am verify -Dsurefire.failIfNoSpecifiedTests=false -Dexec.skip=true -Dspotless.check.skip=true \
  -Dtest='CrashPointTest,StoreOrderTest,LinearizabilityTest,TwoMappingsTest,FlippedBytesTest' \
  "-Dtidemill.lincheck.iterations=$iterations" "-Dtidemill.lincheck.invocations=$interleavings" \
  "-Dtidemill.mappings.rounds=$rounds" "-Dtidemill.flips=$flips" "-Dtidemill.seed=$seed" >"$out" 2>&1 || code=$?
if [ $code -ne 0 ]; then
  tail -n 60 -- "$out" >&2
  echo "concurrency: FAILED, seed=$seed" >&2
  exit 1
fi
grep -E '^(crash points|store orders|linearizable|two mappings|flipped bytes)' "$out"
echo "concurrency: all held; rounds of two mappings=$rounds seed=$seed seconds=$((SECONDS - began))"
