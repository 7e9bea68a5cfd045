# shellcheck shell=bash
# Sourced by every script: finds a JDK, builds what is not built, and knows the JVM flags of each role.
# The one place outside the root pom.xml (surefire) where JVM flags stand.
#
# A checkout runs from scripts/target/app/KEY/, copies that no later build touches, so that a build never pulls the
# jars from under a running instance. A release archive runs from its lib/.
#
# Environment: JAVA_HOME, TIDEMILL_DATA, TIDEMILL_JAVA_OPTS (added to the flags of every process),
# TIDEMILL_LOG_LEVEL (INFO for servers and workers, WARN for commands), TIDEMILL_CDS=off (no class-data archive),
# TIDEMILL_BUILD=off (runs what is built, however old).

SCRIPTS_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
ROOT_DIR=$(dirname -- "$SCRIPTS_DIR")
JAVA_MIN=17

say() { printf '%s\n' "$*" >&2; }

# One sentence, and out: fail CODE SENTENCE.
fail() {
  local code=$1
  shift
  say "tidemill: $*"
  exit "$code"
}

# The text between "# usage" and the first empty line of the calling script, without its comment signs.
usage() { sed -n '/^# usage/,/^$/{/^# usage/d;/^$/d;s/^# \{0,1\}//;p}' "$0"; }

default_data_dir() { printf '%s' "${TIDEMILL_DATA:-$HOME/.tidemill}"; }

in_checkout() { [ -f "$SCRIPTS_DIR/pom.xml" ]; }

# --- the JDK -----------------------------------------------------------------------------------------------------

# jdk_major DIR: prints the major version of the JDK in DIR; fails if there is none.
jdk_major() {
  local release=$1/release line version=
  [ -x "$1/bin/java" ] || return 1
  if [ -r "$release" ]; then
    while IFS= read -r line; do
      case $line in JAVA_VERSION=*) version=${line#JAVA_VERSION=} version=${version//\"/} ;; esac
    done <"$release"
  fi
  [ -n "$version" ] || version=$("$1/bin/java" -version 2>&1 | sed -n '1s/.*version "\([^"]*\)".*/\1/p')
  version=${version#1.}
  version=${version%%[!0-9]*}
  [ -n "$version" ] && printf '%s' "$version"
}

# Chronicle Map compiles classes as it starts, so the compiler's module has to be there; a bare JRE may lack it.
jdk_has_compiler() {
  local modules
  modules=$(sed -n 's/^MODULES=//p' "$1/release" 2>/dev/null)
  [ -n "$modules" ] || modules=$("$1/bin/java" --list-modules 2>/dev/null)
  [[ $modules == *jdk.compiler* ]]
}

jdk_candidates() {
  local on_path
  [ -z "${JAVA_HOME:-}" ] || printf '%s\n' "$JAVA_HOME"
  if on_path=$(command -v java); then
    on_path=$(readlink -f -- "$on_path")
    printf '%s\n' "${on_path%/bin/java}"
  fi
  printf '%s\n' /usr/lib/jvm/* "${HOME:-/root}"/.sdkman/candidates/java/current
}

# Sets JDK_DIR: the first candidate that will do.
find_jdk() {
  local dir major seen=
  [ -z "${JDK_DIR:-}" ] || return 0
  while IFS= read -r dir; do
    major=$(jdk_major "$dir") || continue
    if [ "$major" -lt "$JAVA_MIN" ]; then
      seen+=" $dir is Java $major;"
    elif ! jdk_has_compiler "$dir"; then
      seen+=" $dir is a JRE without the module jdk.compiler;"
    else
      JDK_DIR=$dir
      return 0
    fi
  done < <(jdk_candidates)
  fail 1 "no JDK $JAVA_MIN or later found:${seen:- no java at all;} install one (Debian: apt-get install" \
    "openjdk-17-jdk-headless) or set JAVA_HOME"
}

# --- the build ---------------------------------------------------------------------------------------------------

LIB_DIR=$SCRIPTS_DIR/target/lib
BUILT_MARK=$SCRIPTS_DIR/target/built

jars_exist() { compgen -G "$LIB_DIR/tidemill-[0-9]*.jar" >/dev/null; }

# True if a source is newer than what was built from it.
sources_newer() {
  local built newest
  # shellcheck disable=SC2012 # the names are ours
  built=$(ls -t "$BUILT_MARK" "$LIB_DIR"/tidemill-*.jar 2>/dev/null | head -n 1) || true
  [ -n "$built" ] || return 0
  newest=$(find "$ROOT_DIR" -mindepth 1 -maxdepth 2 -name pom.xml -newer "$built" -print -quit)
  [ -n "$newest" ] || newest=$(find "$ROOT_DIR"/*/src/main -type f -newer "$built" -print -quit 2>/dev/null)
  [ -n "$newest" ]
}

# progress LOG PID: one line that tells what Maven does, until it ends.
progress() {
  local log=$1 pid=$2 began=$SECONDS step last='' downloads spin='-\|/' turn=0
  while kill -0 "$pid" 2>/dev/null; do
    step=$(sed -n 's/^\[INFO\] Building \(.*[^ ]\) [^ ]* *\(\[[0-9/]*\]\)$/\2 \1/p' "$log" | tail -n 1)
    downloads=$(grep -c '^\[INFO\] Downloaded' "$log" || true)
    [ "$downloads" = 0 ] || step="${step:-starting}, $downloads files downloaded"
    if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then
      printf '\r\033[K%s building %s (%d s)' "${spin:turn++%4:1}" "${step:-}" $((SECONDS - began)) >&2
    elif [ "${step%%,*}" != "$last" ]; then
      say "building ${step:-} ($((SECONDS - began)) s)"
      last=${step%%,*}
    fi
    sleep 0.25
  done
  if [ -t 2 ] && [ "${TERM:-dumb}" != dumb ]; then printf '\r\033[K' >&2; fi
}

MAVEN_CHATTER='\[Help 1\]|e-run Maven|For more information|After correcting|mvn <args>'

# Builds what is to run. What it takes to be clean (mvn verify) is another matter, and takes longer.
run_maven() {
  local log=$SCRIPTS_DIR/target/build.log began=$SECONDS pid
  command -v mvn >/dev/null || fail 1 "not built, and there is no Maven to build with: install it (Debian: apt-get" \
    "install maven), or use a release archive, which needs none"
  [ -x "$JDK_DIR/bin/javac" ] || fail 1 "not built, and $JDK_DIR has no javac to build with: install a JDK (Debian:" \
    "apt-get install openjdk-17-jdk-headless)"
  JAVA_HOME=$JDK_DIR mvn -B -Dstyle.color=never -f "$ROOT_DIR/pom.xml" package '-P!strict' -Dmaven.test.skip=true \
    </dev/null >"$log" 2>&1 &
  pid=$!
  # shellcheck disable=SC2064 # this very pid
  trap "kill $pid 2>/dev/null; exit 130" INT TERM
  progress "$log" "$pid"
  trap - INT TERM
  if ! wait "$pid"; then
    grep -E '^\[ERROR\] .*[^ ]|^\[WARNING\] .*\.java:' "$log" | grep -vE "$MAVEN_CHATTER" | tail -n 15 >&2 || tail -n 15 "$log" >&2
    fail 1 "the build failed: the lines above are from $log"
  fi
  touch "$BUILT_MARK"
  say "built in $((SECONDS - began)) s"
}

# build_if_needed missing|stale: builds what is not built; with stale also when a source is newer than its build.
build_if_needed() {
  if ! in_checkout || [ "${TIDEMILL_BUILD:-on}" = off ]; then return 0; fi
  if jars_exist && { [ "$1" = missing ] || ! sources_newer; }; then return 0; fi
  find_jdk
  mkdir -p "$SCRIPTS_DIR/target"
  # Two starts at once build once: the second waits here, looks again, and finds it done.
  exec 9>"$SCRIPTS_DIR/target/build.lock"
  flock -n 9 || { say "waiting for another build in $ROOT_DIR" && flock 9; }
  if ! jars_exist || sources_newer; then run_maven; fi
  exec 9>&-
}

# --- what runs ---------------------------------------------------------------------------------------------------

# Sets APP_DIR, where the jars to run stand.
find_app() {
  local key aside
  if ! in_checkout; then
    APP_DIR=$ROOT_DIR/lib
    return
  fi
  key=$(stat -c '%n %s %Y' "$LIB_DIR"/tidemill-[0-9]*.jar | cksum)
  APP_DIR=$SCRIPTS_DIR/target/app/${key%% *}
  [ ! -d "$APP_DIR" ] || return 0
  mkdir -p "$SCRIPTS_DIR/target/app"
  remove_old_apps
  # Built aside and renamed: a start that dies here leaves no half of it. Whoever comes second drops its own.
  aside=$(mktemp -d "$SCRIPTS_DIR/target/app/new.XXXXXX")
  # By name: a build of an earlier release may have left its jars there.
  cp -p -- "$LIB_DIR"/tidemill-[0-9]*.jar "$aside/"
  [ ! -d "$LIB_DIR/native" ] || cp -pR -- "$LIB_DIR/native" "$aside/"
  chmod 755 "$aside"
  mv -T -- "$aside" "$APP_DIR" 2>/dev/null || rm -rf -- "$aside"
}

# Copies of earlier builds that no process runs from, and halves of them that an interrupted start left.
remove_old_apps() {
  local dir
  find "$SCRIPTS_DIR/target/app" -maxdepth 1 -name 'new.*' -mmin +10 -exec rm -rf -- {} +
  for dir in "$SCRIPTS_DIR"/target/app/[0-9]*; do
    [ -d "$dir" ] || continue
    grep -qsF -- "$dir" /proc/[0-9]*/cmdline || rm -rf -- "$dir"
  done
}

QUIET=-DTIDEMILL_LOG_LEVEL=${TIDEMILL_LOG_LEVEL:-WARN}
# Outside the heap are buffers: what request.bytes.max and response.bytes.max let be held, each up to twice, and what the
# pool that they come from has in pieces too small to be used.
PROCESS_OPTS=(-XX:MaxDirectMemorySize=192m -Xss512k -XX:+ExitOnOutOfMemoryError)
# A start runs much code a few hundred times, which by default has it compiled, while its next process waits for the core.
# What is worth it under load is called a hundred thousand times a second, and is compiled a moment later.
LATE_COMPILER=(-XX:Tier3InvocationThreshold=1000 -XX:Tier3MinInvocationThreshold=500 -XX:Tier3CompileThreshold=5000)
PROCESS_OPTS+=("${LATE_COMPILER[@]}")
PROCESS_OPTS+=(-XX:Tier4InvocationThreshold=20000 -XX:Tier4MinInvocationThreshold=2500 -XX:Tier4CompileThreshold=60000)
PROCESS_OPTS+=(-XX:Tier4BackEdgeThreshold=200000)

# cds_file: where the class-data archive for these jars and this JDK is, or would be.
cds_file() {
  local dir=$APP_DIR/cds key
  in_checkout || dir=$ROOT_DIR/cds
  key=$(cksum <"$JDK_DIR/release" 2>/dev/null) || key=0
  printf '%s/%s.jsa' "$dir" "${key%% *}"
}

cds_opts() {
  local file
  [ "${TIDEMILL_CDS:-on}" != off ] || return 0
  file=$(cds_file)
  [ -r "$file" ] || return 0
  # Moved to another address, as recent JDKs do, an archive is no longer shared between processes.
  printf '%s\n' "-XX:SharedArchiveFile=$file" -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0
}

# Libraries in C, which JNA and Netty would otherwise write out of the jar in every process at its start.
native_opts() {
  printf '%s\n' \
    "-Djna.boot.library.path=$APP_DIR/native/com/sun/jna/linux-${HOSTTYPE//_/-}" \
    "-Djava.library.path=$APP_DIR/native/META-INF/native"
}

# Where the C library is. JNA would run ldconfig to find out, in every process at its start.
JNA_PATH=/lib/$HOSTTYPE-linux-gnu:/usr/lib/$HOSTTYPE-linux-gnu:/lib64:/usr/lib64:/lib:/usr/lib

# Options stand one a line, since a path may hold spaces.
base_opts() {
  printf '%s\n' \
    --add-exports=java.base/jdk.internal.ref=ALL-UNNAMED \
    --add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED \
    --add-opens=java.base/java.lang=ALL-UNNAMED \
    --add-opens=java.base/java.lang.reflect=ALL-UNNAMED \
    --add-opens=java.base/sun.nio.ch=ALL-UNNAMED \
    -XX:+IgnoreUnrecognizedVMOptions \
    --sun-misc-unsafe-memory-access=allow \
    --enable-native-access=ALL-UNNAMED \
    -Dchronicle.analytics.disable=true \
    -Dchronicle.announcer.disable=true \
    -Dio.grpc.netty.shaded.io.netty.jfr.enabled=false \
    -Dtidemill.logging=plain \
    "-Djna.platform.library.path=$JNA_PATH" \
    -Dio.grpc.netty.shaded.io.netty.leakDetection.level=disabled \
    -XX:+UseSerialGC \
    -XX:-UsePerfData \
    -Xshare:auto \
    -Xlog:disable \
    -Xlog:all=warning:stderr
  native_opts
  cds_opts
}

extra_opts() {
  local opt
  # shellcheck disable=SC2086 # meant to be split
  for opt in ${TIDEMILL_JAVA_OPTS:-}; do printf '%s\n' "$opt"; done
}

server_opts() { base_opts && printf '%s\n' -Xms40m -Xmn20m -Xmx128m "${PROCESS_OPTS[@]}" && extra_opts; }
worker_opts() { base_opts && printf '%s\n' -Xms64m -Xmn40m -Xmx256m "${PROCESS_OPTS[@]}" && extra_opts; }
# The supervisor does next to nothing, in little memory.
supervisor_opts() {
  base_opts && printf '%s\n' -XX:TieredStopAtLevel=1 -Xms8m -Xmx32m "${PROCESS_OPTS[@]}" && extra_opts
}
# A short command spends its time starting: the first compiler tier is enough.
command_opts() {
  base_opts && printf '%s\n' "$QUIET" -XX:TieredStopAtLevel=1 "${LATE_COMPILER[@]}" -Xmx256m && extra_opts
}
# A command that drives a load lives long enough for the second.
load_opts() { base_opts && printf '%s\n' "$QUIET" -Xms64m -Xmx512m && extra_opts; }

port_taken() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Prints a port that is free with the two after it.
free_port_base() {
  local base
  while :; do
    base=$((20000 + RANDOM % 10000))
    port_taken "$base" || port_taken $((base + 1)) || port_taken $((base + 2)) || break
  done
  printf '%s' "$base"
}

# Finds and builds, and hands the Java side what it needs to start processes of its own: TIDEMILL_JAVA,
# TIDEMILL_CLASSPATH, and the options of each kind of process, one a line, in TIDEMILL_SERVER_OPTS, TIDEMILL_WORKER_OPTS
# and TIDEMILL_SUPERVISOR_OPTS.
prepare_java() {
  build_if_needed "$1"
  find_jdk
  find_app
  export TIDEMILL_JAVA=$JDK_DIR/bin/java
  export TIDEMILL_CLASSPATH="$APP_DIR/*"
  export TIDEMILL_SCRIPTS=$SCRIPTS_DIR
  export_opts
}

# Sets BENCH_CLASSPATH: the benchmarks are in no release, so they run from a checkout that was built whole.
prepare_bench() {
  local jars=("$ROOT_DIR"/benchmarks/target/tidemill-benchmarks-*.jar)
  [ -f "${jars[0]}" ] || fail 3 "the benchmarks are not built; run mvn package -DskipTests in $ROOT_DIR"
  export BENCH_CLASSPATH="${jars[0]}:$ROOT_DIR/benchmarks/target/lib/*:$TIDEMILL_CLASSPATH"
}

export_opts() {
  TIDEMILL_SERVER_OPTS=$(server_opts)
  TIDEMILL_WORKER_OPTS=$(worker_opts)
  TIDEMILL_SUPERVISOR_OPTS=$(supervisor_opts)
  export TIDEMILL_SERVER_OPTS TIDEMILL_WORKER_OPTS TIDEMILL_SUPERVISOR_OPTS
}

# Once for each build and JDK, if there is a place for it; then the options are made anew, for they name the archive.
prepare_cds() {
  local file dir
  file=$(cds_file)
  dir=$(dirname -- "$file")
  [ -d "$dir" ] || dir=$(dirname -- "$dir")
  if [ "${TIDEMILL_CDS:-on}" = off ] || [ -e "$file" ] || [ -e "$file.tried" ] || [ ! -w "$dir" ]; then return 0; fi
  say "preparing a faster start, once for this build"
  "$SCRIPTS_DIR/lib/cds.sh" || true
  export_opts
}

# Words before a command that put it into a session of its own under the same pid, so that neither a closing terminal nor
# Ctrl-C reaches it.
IN_OWN_SESSION=()
own_session() {
  IN_OWN_SESSION=(setsid)
  # shellcheck disable=SC2016 # meant for the inner shell
  command -v setsid >/dev/null || IN_OWN_SESSION=(sh -c 'trap "" HUP INT; exec "$@"' tidemill)
}

# exec_java ROLE OPTIONS MAIN ARGS...: becomes the JVM, so that the script's pid is the JVM's. OPTIONS: one a line.
exec_java() {
  local role=$1 options=()
  mapfile -t options <<<"$2"
  shift 2
  exec "${IN_OWN_SESSION[@]}" "$TIDEMILL_JAVA" "${options[@]}" "-Dtidemill.role=$role" -cp "$TIDEMILL_CLASSPATH" "$@"
}
