#!/usr/bin/env bash
# Hostile and very many peers against real servers, beside an honest client: prints what each attack came to, what the
# honest client's answers took before and during it, and the servers' memory.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd)

usage() {
  cat <<'TEXT'
usage: system-tests/suites/hostile.sh [--workers N] [--port-base N] [--data DIR]

  --workers N     how many workers connect at once, and come back at once after a kill (10000; 0 leaves that out)
  --port-base N   the first of three ports (28400)
  --data DIR      where the instance stands (a temporary folder, removed at the end)

Takes some ten minutes. What is built is run: mvn package -DskipTests before. Exit code 0: no server died, and the honest
client got all its answers (a refusal with a time to try again is one).
TEXT
}

workers=10000
port_base=28400
data=
while [ $# -gt 0 ]; do
  case $1 in
    --workers) workers=$2; shift 2 ;;
    --port-base) port_base=$2; shift 2 ;;
    --data) data=$2; shift 2 ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

# A connection is a file: each worker has two here, and one in each of two servers.
ulimit -n $((2 * workers + 20000)) 2>/dev/null || ulimit -n "$(ulimit -Hn)"
files=$(ulimit -n)
if [ "$files" -lt $((2 * workers + 5000)) ]; then
  workers=$(((files - 5000) / 2))
  echo "hostile: only $files open files are allowed, so there are $workers workers"
fi

temporary=
if [ -z "$data" ]; then
  temporary=$(mktemp -d)
  data=$temporary/data
fi
classes=
# shellcheck disable=SC2317 # run by the trap
cleanup() {
  local what
  for what in attacks swarm; do
    [ ! -d "$data/$what" ] || TIDEMILL_BUILD=off "$root/scripts/stop-all.sh" --data "$data/$what" >/dev/null 2>&1 || true
  done
  [ -z "$temporary" ] || rm -rf -- "$temporary"
  [ -z "$classes" ] || rm -rf -- "$classes"
}
trap cleanup EXIT

[ -d "$root/system-tests/target/test-classes/io/tidemill/hostile" ] ||
  { echo "hostile: nothing is built; run mvn package -DskipTests" >&2; exit 1; }
# Copies, which no later build touches.
mkdir -p "$data"
classes=$(mktemp -d)
cp -R "$root/system-tests/target/test-classes/io" "$root"/api/target/tidemill-api-*-tests.jar \
  "$root"/scripts/target/lib/*.jar "$classes/"
jars=$(find "$classes" -name '*.jar' -printf '%p:')

# suite WHAT SETTING...: an instance with these settings, and what of the suite is to be run on it.
suite() {
  local what=$1 options=() setting
  shift
  for setting in "$@"; do
    options+=(--set "$setting")
  done
  TIDEMILL_BUILD=off "$root/scripts/start-all.sh" --data "$data/$what" --port-base "$port_base" "${options[@]}" >/dev/null
  "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx3g -Dlogback.configurationFile="$root/system-tests/src/test/resources/logback-test.xml" \
    -Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener \
    -cp "$classes:$jars" io.tidemill.hostile.HostileSuite "$data/$what" "$port_base" "$what" "$workers" || failed=1
  TIDEMILL_BUILD=off "$root/scripts/stop-all.sh" --data "$data/$what" >/dev/null
}

failed=0
suite attacks
if [ "$workers" -gt 0 ]; then
  # Two of the servers hold a connection for each worker, some 40 KB of heap.
  export TIDEMILL_JAVA_OPTS="${TIDEMILL_JAVA_OPTS:-} -Xmx768m -XX:MaxDirectMemorySize=256m"
  suite swarm "workers.max=$((workers + 512))" "connections.max=$((workers + 4096))" \
    "connections.per.address.max=$((workers + 3072))" "calls.max=$((workers + 16384))"
fi
exit $failed
