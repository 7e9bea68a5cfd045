#!/usr/bin/env bash
# Feeds the decoders, the readers of journals and mapped files, the parsers of texts and the checks of messages with inputs that Jazzer
# makes up by what code they reach. Targets are the classes *Fuzz in the modules' tests; what they begin with, and what is
# worth keeping, stands in src/test/resources/fuzz and is replayed by every build.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd)
jazzer=0.30.0

usage() {
  cat <<'TEXT'
usage: system-tests/suites/fuzz.sh [--target NAME]... [--executions N] [--slice SECONDS] [--keep] [--list]

  --target NAME     only this one, as --list shows it; all if none is given
  --executions N    until each target has had so many inputs, counted over all runs (10,000,000)
  --slice SECONDS   of a target at a time before the next one's turn (300)
  --keep            at the end, adds to the seeds of the tests the inputs that reach what none before did, as few and short as can be
  --list            the targets, and how many inputs each has had

TIDEMILL_BUILD=off in the environment: with what was built last. Goes on where it was stopped: counts and inputs are kept in system-tests/target/fuzz. One core, at a low priority.
Exit code 0: nothing was found. An input that breaks a target is kept there as crash-...; add it to the seeds when it is mended.
TEXT
}

executions=10000000
slice=300
keep=no
list=no
wanted=()
while [ $# -gt 0 ]; do
  case $1 in
    --target) wanted+=("$2"); shift 2 ;;
    --executions) executions=$2; shift 2 ;;
    --slice) slice=$2; shift 2 ;;
    --keep) keep=yes; shift ;;
    --list) list=yes; shift ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

work=$root/system-tests/target/fuzz
mkdir -p -- "$work"
cd -- "$root"

# Every target: its file, from which module and class follow.
mapfile -t files < <(find . -path '*/src/test/java/*' -name '*Fuzz.java' | sort)
module() { cut -d/ -f2 <<<"$1"; }
class() { sed 's|.*/src/test/java/||; s|\.java$||; s|/|.|g' <<<"$1"; }
name() { basename "$1" .java; }
done_of() { awk -v t="$1" '$1 == t {n += $2} END {print n + 0}' "$work/counts" 2>/dev/null || echo 0; }
is_wanted() { [ ${#wanted[@]} -eq 0 ] || [[ " ${wanted[*]} " == *" $(name "$1") "* ]]; }

if [ $list = yes ]; then
  for file in "${files[@]}"; do
    printf '%-18s %-50s %14d\n' "$(name "$file")" "$(class "$file")" "$(done_of "$(name "$file")")"
  done
  exit 0
fi

flags=$(sed -n 's|.*<jvm.flags>\(.*\)</jvm.flags>.*|\1|p' pom.xml)
# build: the classes stand beside, so that a build in the meantime changes nothing.
build() {
  echo "fuzz: building, and fetching Jazzer $jazzer"
  mvn -B -q -nsu -P '!strict' test-compile install -DskipTests -Dexec.skip=true -Dspotless.check.skip=true -pl shm-layout,plm,register,client -am
  for artifact in jazzer jazzer-api; do
    [ -f "$work/$artifact-$jazzer.jar" ] ||
      mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy -N -Dartifact=com.code-intelligence:$artifact:$jazzer -DoutputDirectory="$work"
  done
  for m in shm-layout plm register client; do
    mvn -B -q -f "$m/pom.xml" dependency:build-classpath -Dmdep.outputFile="$work/$m.cp" -Dmdep.includeScope=test
    rm -rf -- "${work:?}/$m"
    mkdir -p -- "$work/$m"
    cp -r "$m/target/classes/." "$m/target/test-classes/." "$work/$m/"
  done
}
if [ "${TIDEMILL_BUILD:-}" != off ] || [ ! -d "$work/client" ]; then
  build
fi
temp=/dev/shm
[ -w $temp ] || temp=${TMPDIR:-/tmp}

# jazzer FILE OPTION...: runs its target in a folder of its own.
jazzer() {
  local file=$1 m
  shift
  m=$(module "$file")
  # shellcheck disable=SC2086 # the flags are words
  nice -n 10 java $flags -Xmx512m -Djava.io.tmpdir=$temp \
    -cp "$work/jazzer-$jazzer.jar:$work/jazzer-api-$jazzer.jar:$work/$m:$(cat "$work/$m.cp")" \
    com.code_intelligence.jazzer.Jazzer --target_class="$(class "$file")" \
    "--instrumentation_includes=io.tidemill.**" "--custom_hook_includes=io.tidemill.**" \
    -max_len=1024 -timeout=120 -rss_limit_mb=3072 --reproducer_path="$work" -artifact_prefix="$work/" "$@"
}

# fuzz FILE: one slice. Prints a line; false if something was found.
fuzz() {
  local file=$1 target left code=0 out line ran
  target=$(name "$file")
  left=$((executions - $(done_of "$target")))
  [ $left -gt 0 ] || return 0
  mkdir -p -- "$work/corpus/$target"
  out=$work/$target.out
  jazzer "$file" -runs=$left -max_total_time="$slice" -print_final_stats=1 \
    "$work/corpus/$target" "$(module "$file")/src/test/resources/fuzz/$(class "$file")" >"$out" 2>&1 || code=$?
  ran=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out" | tail -n 1)
  line=$(grep -oE 'cov: [0-9]+ ft: [0-9]+ corp: [0-9]+' "$out" | tail -n 1)
  printf '%s %d %d\n' "$target" "${ran:-0}" "$(date +%s)" >>"$work/counts"
  printf '%-18s %12d more %14d in all  %s  %s\n' "$target" "${ran:-0}" "$(done_of "$target")" "$line" "$([ $code -eq 0 ] && echo nothing found || echo FOUND SOMETHING)"
  [ $code -eq 0 ] || {
    grep -E -A 12 '^== |written to' "$out" | tail -n 40 >&2
    return 1
  }
}

bad=0
open=yes
while [ $open = yes ]; do
  open=no
  for file in "${files[@]}"; do
    if is_wanted "$file" && [ "$(done_of "$(name "$file")")" -lt "$executions" ]; then
      if fuzz "$file"; then
        [ "$(done_of "$(name "$file")")" -ge "$executions" ] || open=yes
      else
        bad=$((bad + 1))
      fi
    fi
  done
  [ $bad -eq 0 ] || break
done

if [ $keep = yes ] && [ $bad -eq 0 ]; then
  for file in "${files[@]}"; do
    if is_wanted "$file"; then
      seeds=$(module "$file")/src/test/resources/fuzz/$(class "$file")
      mkdir -p -- "$seeds" "$work/corpus/$(name "$file")"
      jazzer "$file" -merge=1 "$seeds" "$work/corpus/$(name "$file")" >"$work/merge.out" 2>&1
      printf '%-18s %d seeds\n' "$(name "$file")" "$(find "$seeds" -type f | wc -l)"
    fi
  done
fi
echo "fuzz: $(date -u +%F) $([ $bad -eq 0 ] && echo nothing found || echo "$bad targets found something")"
[ $bad -eq 0 ]
