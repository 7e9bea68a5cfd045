#!/usr/bin/env bash
# Stops every operation of every server at each of its writes to shared memory and journals, in a simulation with the servers'
# own code: one crash, a second one in the recovery, and two servers of which one stops while the other does a whole operation.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd)

usage() {
  cat <<'TEXT'
usage: system-tests/suites/crash-points.sh [--single | --step N]

  --single   only one crash at each point (a minute)
  --step N   of two crashes and of two servers only every N-th point; 1 (all of them, which takes an hour or so)

Exit code 0: all promises hold after each of them, and nothing is written that no operation here writes.
TEXT
}

step=1
tests=CrashPointsTest
while [ $# -gt 0 ]; do
  case $1 in
    --single) tests='CrashPointsTest#everyOperation*+thereIs*'; shift ;;
    --step) step=$2; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

out=$(mktemp)
trap 'rm -f -- "$out"' EXIT
began=$SECONDS
code=0
mvn -B -q -nsu -f "$root/pom.xml" -pl system-tests -am verify -Dspotless.check.skip=true -Dexec.skip=true \
  -Dtest="$tests" -Dsurefire.failIfNoSpecifiedTests=false -Dtidemill.crash.step="$step" >"$out" 2>&1 || code=$?
grep -E '^(crash|double crash|pair) points:' "$out" || code=1
if [ "$code" -ne 0 ]; then
  grep -v SLF4J "$out" | tail -n 60 >&2
  exit 1
fi
echo "crash points: all promises hold, in $((SECONDS - began)) s"
