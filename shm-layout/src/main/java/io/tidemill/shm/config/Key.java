package io.tidemill.shm.config;

import java.util.List;
import java.util.Locale;

/**
 * The settings of an instance. The declaration is the documentation: docs/configuration.md is
 * generated from it.
 */
public enum Key {
  BIND_HOST(
      "bind.host",
      "127.0.0.1",
      "The address that the servers listen on. Beyond loopback only with TLS and with tokens or"
          + " client certificates; see [security](security.md)."),
  BIND_UNIX(
      "bind.unix",
      "auto",
      "Whether the servers listen on Unix domain sockets in the data folder's `run`, too: `on`,"
          + " `off`, `only` (and on no port), or `auto`: with TLS or tokens. Commands and workers"
          + " with `--data` use them where they are.",
      "auto",
      "on",
      "off",
      "only"),
  TLS_CERTIFICATE(
      "tls.certificate",
      "",
      "The servers' certificate (PEM, with what leads to its authority). Empty: no TLS. Read anew"
          + " when it changes."),
  TLS_KEY("tls.key", "", "The certificate's key (PKCS 8, PEM), which others may not read."),
  TLS_CA(
      "tls.ca",
      "",
      "The authorities by which commands and workers with `--data` judge the servers' certificate."
          + " Empty: those that Java trusts."),
  TLS_CLIENT_AUTH(
      "tls.client.auth",
      "none",
      "Whether clients and workers show certificates: `none`, `optional` (a certificate or a"
          + " token), `required`.",
      "none",
      "optional",
      "required"),
  TLS_CLIENT_CA(
      "tls.client.ca", "", "The authorities (PEM) by which clients' certificates are judged."),
  TLS_CLIENT_ROLES(
      "tls.client.roles",
      "submit,work",
      "What a client certificate may do that no line of the access file names: `submit`, `work`,"
          + " `admin`, several with commas between, or nothing."),
  TOKENS_FILE(
      "tokens.file",
      "",
      "The access file: hashes of the tokens, one of which each call over the network has to carry,"
          + " and certificates' subjects. Made by `tidemill token`. Empty: no tokens."),
  AUDIT(
      "audit",
      "auto",
      "Whether `logs/audit-*.log` is written, with who submitted, cancelled, drained and was"
          + " refused: `on`, `off`, or `auto`: with TLS or tokens.",
      "auto",
      "on",
      "off"),
  AUDIT_FILES_MAX(
      "audit.files.max",
      10,
      1,
      10_000,
      "files",
      "How many files of 16 MiB each server's audit log has at most; the oldest goes first."),
  PORT_PLM("port.plm", 7411, 1, 65535, "port", "Where clients connect."),
  PORT_SCHEDULER("port.scheduler", 7412, 1, 65535, "port", "Where workers get their tasks."),
  PORT_REGISTER("port.register", 7413, 1, 65535, "port", "Where workers report."),
  DURABILITY(
      "durability",
      "process",
      "What an acknowledgement promises where a task does not say: `process` survives the death of"
          + " every process, `disk` a loss of power too.",
      "process",
      "disk"),
  SHM_DIR(
      "shm.dir",
      "",
      "The folder of the mapped files. Empty: `shm` in the data folder. May be on tmpfs: after a"
          + " reboot they are rebuilt from the journals anyway."),
  TASKS_MAX(
      "tasks.max",
      1_000_000,
      1_000,
      16_000_000,
      "tasks",
      "How many live tasks there may be. Fixes the mapped files' size."),
  WORKERS_MAX(
      "workers.max",
      1_024,
      1,
      16_000,
      "workers",
      "How many workers there may be. Fixes the mapped files' size."),
  TYPES_MAX(
      "types.max",
      1_024,
      1,
      4_096,
      "types",
      "How many classes of work there may be in the life of the mapped files: task types, each once"
          + " more for every queue and set of required labels and amounts that its tasks come"
          + " with."),
  PAYLOAD_BYTES_MAX(
      "payload.bytes.max", 1 << 20, 0, 16 << 20, "bytes", "The longest payload that is accepted."),
  RESULT_BYTES_MAX(
      "result.bytes.max", 1 << 20, 0, 16 << 20, "bytes", "The longest result that is recorded."),
  TASK_EXECUTION_TIMEOUT_MS(
      "task.execution.timeout.ms",
      3_600_000,
      1,
      Integer.MAX_VALUE,
      "ms",
      "How long one attempt may run where the task does not say."),
  TASK_ATTEMPTS_MAX(
      "task.attempts.max",
      1,
      1,
      1_000,
      "attempts",
      "How many attempts a failing task gets where it does not say."),
  TASK_RETURNS_MAX(
      "task.returns.max",
      20,
      1,
      30_000,
      "returns",
      "After so many workers that were lost while it ran, or did not stop it when its execution"
          + " timeout was over, a task is DEAD, where it does not say."),
  TASK_RETRY_INITIAL_MS(
      "task.retry.initial.ms",
      0,
      0,
      Integer.MAX_VALUE,
      "ms",
      "How long a task waits after its first failed attempt, where neither it nor"
          + " `task.retry.types` says. 0: not at all."),
  TASK_RETRY_MULTIPLIER_PERCENT(
      "task.retry.multiplier.percent",
      200,
      100,
      10_000,
      "%",
      "How long the wait after each further failed attempt is, of the one before."),
  TASK_RETRY_MAX_MS(
      "task.retry.max.ms",
      300_000,
      1,
      Integer.MAX_VALUE,
      "ms",
      "The longest wait between two attempts."),
  TASK_RETRY_JITTER_PERCENT(
      "task.retry.jitter.percent",
      10,
      0,
      100,
      "%",
      "How much of a wait may be left away, at random, so that tasks that failed together do not"
          + " come together again."),
  TASK_RETRY_TYPES(
      "task.retry.types",
      "",
      "The same for types of their own: `TYPE=INITIAL_MS:MULTIPLIER_PERCENT:MAX_MS:JITTER_PERCENT`,"
          + " several with commas between; what is left away from the end is as set above."),
  PLACEMENT_POLICY(
      "placement.policy",
      "least-loaded",
      "Which of the workers that could take a task gets it: `least-loaded` (relative to what it may"
          + " hold, at random among equals), `power-of-two` (the less loaded of two at random),"
          + " `measured-speed` (where it would be done first, by each worker's time for tasks of"
          + " the type), `packing` (the fullest that has an idle place, so that others can go). See"
          + " [placement](placement.md).",
      "least-loaded",
      "power-of-two",
      "measured-speed",
      "packing"),
  ORDER_AGEING(
      "order.ageing.points.per.hour",
      0,
      0,
      1_000_000,
      "points/h",
      "How much priority a task gains in each hour since its submission, so that what waits long"
          + " goes before better tasks at last. 0: none. See [order](order.md)."),
  ORDER_FAIRNESS(
      "order.fairness",
      "off",
      "Whether ready tasks of equal priority (and of one class of work) go by turns of their"
          + " tenants instead of by submission: `off` or `tenants`. Not together with ageing. See"
          + " [order](order.md#fairness).",
      "off",
      "tenants"),
  ORDER_TENANTS_WEIGHTS(
      "order.tenants.weights",
      "",
      "How often each tenant's turn comes, 1 to 1000: `NAME=WEIGHT`, several with commas between."
          + " Who is not named has 1."),
  STEAL(
      "steal",
      "on",
      "Whether tasks that wait in a worker's own queue are given to another one that has free"
          + " hands: `on` or `off`. See [stealing](placement.md#stealing).",
      "on",
      "off"),
  STEAL_WAITING_MIN(
      "steal.waiting.min",
      2,
      1,
      10_000,
      "tasks",
      "How many tasks have to wait in a worker's queue before some are taken from it."),
  STEAL_BATCH_MAX(
      "steal.batch.max", 3, 1, 1_000, "tasks", "How many are taken from a worker at a time."),
  STEAL_TIMES_MAX("steal.times.max", 3, 1, 1_000, "times", "How often one task is taken so."),
  STEAL_COOLDOWN_MS(
      "steal.cooldown.ms", 100, 1, 60_000, "ms", "The least time between two looks for such work."),
  STEAL_CPU_PERCENT_MAX(
      "steal.cpu.percent.max",
      90,
      1,
      100_000,
      "percent",
      "A worker whose process uses more of a core than this, for each task that it may run at a"
          + " time, takes nothing."),
  STEAL_WITHIN(
      "steal.within",
      "",
      "The name of a label: a worker takes only from workers with the same value of it, `zone` say."
          + " Empty: from all."),
  WORKER_BEAT_INTERVAL_MS(
      "worker.beat.interval.ms",
      2_000,
      50,
      3_600_000,
      "ms",
      "How often a worker beats when it has nothing to report."),
  WORKER_BEAT_MISSES(
      "worker.beat.misses",
      3,
      1,
      1_000,
      "beats",
      "After so many missed beats a worker is dead and its tasks go back."),
  RESULT_KEEP_SECONDS(
      "result.keep.seconds",
      3_600,
      0,
      Integer.MAX_VALUE,
      "s",
      "How long an ended task can be asked for."),
  RESULT_KEEP_COUNT(
      "result.keep.count",
      250_000,
      1_000,
      100_000_000,
      "tasks",
      "How many ended tasks can be asked for, at most; the oldest go first."),
  JOURNAL_CYCLE_BYTES(
      "journal.cycle.bytes",
      256L << 20,
      1 << 20,
      1L << 30,
      "bytes",
      "A journal goes on in a new file after so many bytes."),
  DISK_RESERVE_BYTES(
      "disk.reserve.bytes",
      256L << 20,
      0,
      1L << 40,
      "bytes",
      "Room on the journals' disk that submissions leave to the outcomes of what has been accepted;"
          + " at most an eighth of the whole file system is taken for it. When no more than this is"
          + " left, submissions are refused with `DISK_FULL`."),
  JOURNAL_FORCE_INTERVAL_MS(
      "journal.force.interval.ms",
      1_000,
      0,
      3_600_000,
      "ms",
      "How often a journal is forced to the disk when nobody waits for it: what a loss of power"
          + " takes of `process` durability. 0: when the kernel does it."),
  SESSION_IDLE_SECONDS(
      "session.idle.seconds",
      600,
      1,
      86_400,
      "s",
      "How long a session without a stream is remembered."),
  STALL_LIMIT_MS(
      "stall.limit.ms",
      10_000,
      1_000,
      3_600_000,
      "ms",
      "A server that has not turned its loop for so long is killed and replaced."),
  RESTART_WAIT_MAX_MS(
      "restart.wait.max.ms",
      10_000,
      0,
      3_600_000,
      "ms",
      "A process that keeps ending right after its start is started again after a wait that doubles"
          + " up to this."),
  CONNECTIONS_MAX(
      "connections.max",
      4_096,
      8,
      1_000_000,
      "connections",
      "How many connections each server keeps open; further ones are closed at once. Each takes"
          + " some 25 KB of its heap."),
  CONNECTIONS_PER_ADDRESS_MAX(
      "connections.per.address.max",
      3_072,
      8,
      1_000_000,
      "connections",
      "How many of them may come from one address (with IPv6: from one /64 network)."),
  CONNECTION_HANDSHAKE_MS(
      "connection.handshake.ms",
      10_000,
      100,
      600_000,
      "ms",
      "How long a connection may take until TLS and HTTP/2 have been agreed upon."),
  CONNECTION_IDLE_SECONDS(
      "connection.idle.seconds",
      1_800,
      1,
      86_400,
      "s",
      "A connection without calls is closed after so long; clients open it again when they need"
          + " it."),
  CONNECTION_RESETS_MAX(
      "connection.resets.max",
      1_000,
      10,
      1_000_000,
      "calls/s",
      "How many of its calls a connection may take back a second; beyond, it is closed."),
  CONNECTION_CONTROL_FRAMES_MAX(
      "connection.control.frames.max",
      500,
      50,
      1_000_000,
      "frames/s",
      "How many HTTP/2 frames that carry no call a connection may send a second (ten times as many"
          + " pings, two hundred times as many window updates); beyond, it is closed."),
  CALLS_PER_CONNECTION_MAX(
      "calls.per.connection.max",
      4_096,
      8,
      1_000_000,
      "calls",
      "How many calls may be under way on one connection; clients hold back further ones."),
  CALLS_MAX(
      "calls.max",
      16_384,
      8,
      10_000_000,
      "calls",
      "How many calls may be under way in each server; further ones are refused with a time to try"
          + " again."),
  REQUEST_BYTES_MAX(
      "request.bytes.max",
      24L << 20,
      1 << 20,
      1L << 34,
      "bytes",
      "How many bytes of requests each server holds; further ones wait unread or are refused with a"
          + " time to try again. At least twice the longest message."),
  REQUEST_RECEIVE_MS(
      "request.receive.ms",
      20_000,
      100,
      3_600_000,
      "ms",
      "How long a message may take from its first byte to its last; beyond, its connection is"
          + " closed."),
  RESPONSE_BYTES_MAX(
      "response.bytes.max",
      24L << 20,
      1 << 20,
      1L << 34,
      "bytes",
      "How many bytes of answers each server holds that their clients do not take; beyond, the"
          + " connection with the most is closed."),
  LOOP_REST_MICROS(
      "loop.rest.us",
      500,
      0,
      100_000,
      "us",
      "How long a server's main loop rests at most once it has done more than a few things at a"
          + " time and finds nothing more, so that what comes meanwhile goes together and nobody has"
          + " to wake it: 10 us for each thing it did. It saves switches between processes, for so"
          + " much latency under load; few tasks at a time are not delayed. 0: never, for a host"
          + " with cores to spare."),
  LOG_INTERVAL_SECONDS(
      "log.interval.seconds", 10, 1, 86_400, "s", "How often each process logs its live figures.");

  private final String key;
  private final String text;
  private final String unit;
  private final String defaultValue;
  private final long least;
  private final long most;
  private final boolean number;
  private final String words;

  /**
   * @param words what it may be; none: anything
   */
  Key(String key, String defaultValue, String text, String... words) {
    this(key, defaultValue, 0, 0, "", text, false, words);
  }

  Key(String key, long defaultValue, long least, long most, String unit, String text) {
    this(key, Long.toString(defaultValue), least, most, unit, text, true);
  }

  Key(
      String key,
      String defaultValue,
      long least,
      long most,
      String unit,
      String text,
      boolean number,
      String... words) {
    this.key = key;
    this.defaultValue = defaultValue;
    this.least = least;
    this.most = most;
    this.unit = unit;
    this.text = text;
    this.number = number;
    this.words = String.join(" or ", words);
  }

  /** As it stands in tidemill.properties. */
  public String key() {
    return key;
  }

  /** As it stands in the environment. */
  public String environment() {
    return "TIDEMILL_" + key.toUpperCase(Locale.ROOT).replace('.', '_');
  }

  public String text() {
    return text;
  }

  public String unit() {
    return unit;
  }

  public String defaultValue() {
    return defaultValue;
  }

  public boolean isNumber() {
    return number;
  }

  public long least() {
    return least;
  }

  public long most() {
    return most;
  }

  /** Refuses a value out of range with a sentence that names the key, the value and the range. */
  void check(String value) {
    if (number) {
      checkNumber(value);
    } else if (!words.isEmpty() && !List.of(words.split(" or ", -1)).contains(value)) {
      throw new SettingsException(key + "=" + value + " is not known; say " + words);
    }
  }

  private void checkNumber(String value) {
    long parsed;
    try {
      parsed = Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new SettingsException(key + "=" + value + " is not a whole number of " + unit);
    }
    if (parsed < least || parsed > most) {
      throw new SettingsException(
          key + "=" + value + " is out of range; say " + least + " to " + most + " " + unit);
    }
  }
}
