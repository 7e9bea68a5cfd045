#!/usr/bin/env bash
# usage
# Makes a class-data archive for the jars and the JDK in use, which halves the time that each process takes to start. It
# runs an instance of its own in a scratch folder for a moment to learn which classes are needed. Does nothing if the
# archive is there. start-all.sh and `mvn package` call this; nothing breaks without the archive.
#
# scripts/lib/cds.sh

set -euo pipefail
self=$(readlink -f -- "${BASH_SOURCE[0]}")
# shellcheck source=common.sh
. "$(dirname -- "$self")/common.sh"

case ${1:-} in --help | -h) usage && exit 0 ;; esac
find_jdk
find_app
archive=$(cds_file)
tried=$archive.tried
if [ -e "$archive" ] || [ -e "$tried" ] || ! mkdir -p "$(dirname -- "$archive")" 2>/dev/null; then exit 0; fi
: >"$tried" 2>/dev/null || exit 0

scratch=$(mktemp -d "${TMPDIR:-/tmp}/tidemill-cds.XXXXXX")
data=$scratch/data
log=$archive.log
finish() {
  [ ! -d "$data/run" ] || "$SCRIPTS_DIR/inject/kill-all.sh" --data "$data" --supervisor >>"$log" 2>&1 || true
  rm -rf -- "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

# Every JVM of the instance writes the names of the classes that it loads.
learn() {
  mkdir "$scratch/lists"
  export TIDEMILL_CDS=off TIDEMILL_BUILD=off
  export TIDEMILL_JAVA_OPTS="${TIDEMILL_JAVA_OPTS:-} -XX:DumpLoadedClassList=$scratch/lists/%p.lst"
  # The lists are written to their ends when the virtual machine is.
  TIDEMILL_JAVA_OPTS+=" -Dtidemill.exit.orderly=true"
  timeout 60 "$SCRIPTS_DIR/start-all.sh" --data "$data" --port-base "$(free_port_base)" --workers 1 \
    --set tasks.max=10000 || return 1
  timeout 30 "$SCRIPTS_DIR/tidemill" task submit --data "$data" --type echo --payload x --wait || return 1
  timeout 30 "$SCRIPTS_DIR/tidemill" task submit --data "$data" --type echo --payload x --count 100 || return 1
  timeout 60 "$SCRIPTS_DIR/stop-all.sh" --data "$data"
}

# The lists in one, without the numbers that some JDKs give the classes of each JVM, without classes of loaders of their
# own, and without a last line that was not written to its end.
merge() {
  local list
  for list in "$scratch"/lists/*.lst; do
    [ -z "$(tail -c 1 "$list")" ] || sed -i '$d' "$list"
    sed '/^#/d; / source: /d; s/ id: [0-9]*$//' "$list"
  done | awk '!seen[$0]++' >"$scratch/classes"
}

dump() {
  local options=()
  mapfile -t options < <(base_opts)
  "$JDK_DIR/bin/java" "${options[@]}" -Xshare:dump -XX:SharedClassListFile="$scratch/classes" \
    -XX:SharedArchiveFile="$archive.new" -cp "$APP_DIR/*" && mv -f -- "$archive.new" "$archive"
}

began=$SECONDS
if { learn && merge && TIDEMILL_CDS=off dump; } >"$log" 2>&1; then
  rm -f -- "$tried"
  say "prepared a faster start in $((SECONDS - began)) s"
else
  say "could not prepare a faster start, and goes on without: see $log"
fi
