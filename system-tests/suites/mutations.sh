#!/usr/bin/env bash
# Breaks each mechanism in turn, in a clone, and shows which test notices. The mutations are system-tests/mutations/*.patch, each with the
# mechanism, the module and the test in its first lines. The tests have to pass on the whole first, or their failing
# would say nothing.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../.." && pwd)

usage() {
  cat <<'TEXT'
usage: system-tests/suites/mutations.sh [--check | --list] [NAME...]

  NAME      only these, without .patch; all if none is given
  --check   only whether each patch applies and names a test that is there (seconds; part of .ci/run)
  --list    what is broken and which test has to notice

Exit code 0: every mutation was caught by the test that it names. The state of the last commit is tested.
TEXT
}

field() { sed -n "s/^$2: *//p" "$1" | head -n 1; }

give_up() {
  printf 'mutations: %s\n' "$*" >&2
  exit 1
}

mode=run
names=()
for word in "$@"; do
  case $word in
    --check) mode=check ;;
    --list) mode=list ;;
    --help) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) names+=("$word") ;;
  esac
done
patches=()
if [ ${#names[@]} -eq 0 ]; then
  patches=("$root"/system-tests/mutations/*.patch)
fi
for name in "${names[@]}"; do
  patches+=("$root/system-tests/mutations/$name.patch")
done
for patch in "${patches[@]}"; do
  [ -f "$patch" ] || give_up "there is no such mutation: $patch"
done

# check PATCH: it applies, and its test exists.
check() {
  local module test class
  module=$(field "$1" Module)
  test=$(field "$1" Caught-by)
  if [ -z "$(field "$1" Breaks)" ] || [ -z "$module" ] || [ -z "$test" ]; then
    give_up "$1: Breaks, Module and Caught-by have to stand in its first lines"
  fi
  git -C "$root" apply --check "$1" || give_up "$1 does not apply any more"
  class=${test%%#*}
  class=${class##*.}
  [ -n "$(find "$root/$module/src/test" -name "$class.java" -print -quit)" ] ||
    give_up "$1: there is no $class in $module"
  if [ "$test" != "${test#*#}" ]; then
    grep -rqw "${test#*#}" "$root/$module/src/test" --include="$class.java" ||
      give_up "$1: $class has no ${test#*#}"
  fi
}

for patch in "${patches[@]}"; do
  case $mode in
    list) printf '%-32s %s\n%32s caught by %s\n' "$(basename "$patch" .patch)" "$(field "$patch" Breaks)" "" "$(field "$patch" Caught-by)" ;;
    *) check "$patch" ;;
  esac
done
if [ $mode != run ]; then
  [ $mode = list ] || echo "mutations: ${#patches[@]} patches apply, and their tests are there"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
git clone -q -- "$root" "$work/main"
cd -- "$work/main"

# run_tests MODULE TESTS: builds what changed and runs these; 0 if they pass, 1 if one fails, 2 if none could be run.
run_tests() {
  rm -rf -- "$1/target/surefire-reports"
  local code=0
  mvn -B -q -nsu -P '!strict,long' -pl "$1" -am verify -Dtest="$2" -Dsurefire.failIfNoSpecifiedTests=false -Dexec.skip=true \
    -Dspotless.check.skip=true >"$work/out" 2>&1 || code=$?
  if ! ls "$1"/target/surefire-reports/TEST-*.xml >/dev/null 2>&1; then
    return 2
  fi
  [ $code -eq 0 ] || return 1
}

mapfile -t modules < <(for patch in "${patches[@]}"; do field "$patch" Module; done | sort -u)
for module in "${modules[@]}"; do
  tests=$(for patch in "${patches[@]}"; do
    [ "$(field "$patch" Module)" != "$module" ] || field "$patch" Caught-by
  done | sort -u | paste -sd ,)
  run_tests "$module" "$tests" || {
    tail -n 60 -- "$work/out" >&2
    give_up "unbroken, these do not pass in $module: $tests"
  }
done
echo "unbroken: all tests pass that the mutations name"

caught=0
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  began=$SECONDS
  git apply "$patch"
  code=0
  run_tests "$(field "$patch" Module)" "$(field "$patch" Caught-by)" || code=$?
  git checkout -q -- .
  case $code in
    1) verdict=caught; caught=$((caught + 1)) ;;
    0) verdict="NOT CAUGHT" ;;
    *) verdict="NOT RUN"; tail -n 30 -- "$work/out" >&2 ;;
  esac
  printf '%-10s  %-32s %-52s %s (%d s)\n' "$verdict" "$name" "$(field "$patch" Breaks)" "$(field "$patch" Caught-by)" $((SECONDS - began))
done
echo "mutations: $caught of ${#patches[@]} caught"
[ "$caught" -eq ${#patches[@]} ]
