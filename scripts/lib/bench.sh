# shellcheck shell=bash
# Sourced by the scripts of scripts/bench, after common.sh: runs a benchmark's main class, which starts and stops what it
# measures, and says with --help what stands at the head of the script.

# The heap of the load generator: rarely collected.
BENCH_HEAP=(-Xms2g -Xmx2g -Xmn1g)

# bench_main CLASS ARGS...
bench_main() {
  local class=$1 argument options=()
  shift
  for argument in "$@"; do
    case $argument in --help | -h) usage && exit 0 ;; esac
  done
  prepare_java missing
  prepare_bench
  mapfile -t options < <(load_opts)
  exec "$TIDEMILL_JAVA" "${options[@]}" "${BENCH_HEAP[@]}" -cp "$BENCH_CLASSPATH" "io.tidemill.bench.$class" "$@"
}
