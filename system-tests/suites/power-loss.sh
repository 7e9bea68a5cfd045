#!/usr/bin/env bash
# Loses the power, simulated, at random moments of a journal's and of an instance's life: of what was not forced an arbitrary
# subset is left (pages of 4 KiB, lengths of files, names in folders), then it is started again.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd)

usage() {
  cat <<'TEXT'
usage: system-tests/suites/power-loss.sh [--journal N] [--instance N] [--seed N]

  --journal N    losses of a journal alone (3000, some minutes)
  --instance N   losses of a whole instance, with the rebuild behind each (1000, some minutes)
  --seed N       repeats a run; from the clock if it is not given, and printed

Exit code 0: nothing was lost that had been forced, no outcome was recorded twice, every epoch was a new one.
TEXT
}

journal=3000
instance=1000
seed=$(date +%s)
while [ $# -gt 0 ]; do
  case $1 in
    --journal) journal=$2; shift 2 ;;
    --instance) instance=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

out=$(mktemp)
trap 'rm -f -- "$out"' EXIT

# run TEST LOSSES: prints its figures.
run() {
  if ! mvn -B -q -nsu -f "$root/shm-layout/pom.xml" test -Dspotless.check.skip=true -Dtest="$1" \
    -Dtidemill.power.losses="$2" -Dtidemill.power.seed="$seed" >"$out" 2>&1; then
    grep -v SLF4J "$out" | tail -n 40 >&2
    echo "power-loss: $1 failed: seed=$seed" >&2
    return 1
  fi
  grep -o 'power loss.*' "$out"
}

mvn -B -q -nsu -N -f "$root/pom.xml" install -Dspotless.check.skip=true
run JournalPowerLossTest "$journal"
run InstancePowerLossTest "$instance"
