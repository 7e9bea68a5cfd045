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
cleanup() {
  TIDEMILL_BUILD=off "$root/scripts/stop-all.sh" --data "$data" >/dev/null 2>&1 || true
  [ -z "$temporary" ] || rm -rf -- "$temporary"
}
trap cleanup EXIT

classes=$root/system-tests/target/test-classes
[ -d "$classes/io/tidemill/hostile" ] || { echo "hostile: nothing is built; run mvn package -DskipTests" >&2; exit 1; }
# The heap of the servers is what they have by default, but where ten thousand workers are to find room.
heap=()
[ "$workers" -le 2000 ] || heap=("TIDEMILL_JAVA_OPTS=${TIDEMILL_JAVA_OPTS:-} -Xmx640m -XX:MaxDirectMemorySize=256m")
env "${heap[@]}" TIDEMILL_BUILD=off "$root/scripts/start-all.sh" --data "$data" --port-base "$port_base" \
  --set "workers.max=$((workers < 1000 ? 1024 : workers + 512))" --set "connections.max=$((workers + 4096))" \
  --set "connections.per.address.max=$((workers + 3072))" --set "calls.max=$((workers + 16384))" >/dev/null

jars=$(find "$root/scripts/target/app" "$root/api/target" -name '*.jar' ! -name '*sources*' -printf '%p:')
"${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx3g -cp "$classes:$jars" io.tidemill.hostile.HostileSuite \
  "$data" "$port_base" "$workers"
