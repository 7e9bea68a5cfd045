package io.tidemill.shm.region;

import io.tidemill.shm.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The workers, one row each. The Register alone writes. What stands in a row is read between two
 * looks at its version, which is odd while the row is being rewritten; the state moves in one
 * store.
 */
public final class WorkerTable {
  /** The states of a worker. LATE is no state of the row: it is an age of the last beat. */
  public enum State {
    /** Never used, or left: the row may be given to another worker. */
    FREE,
    ALIVE,
    DRAINING,
    DEAD
  }

  private static final State[] STATES = State.values();

  public static final int ID_BYTES_MAX = 64;
  private static final int TEXT_BYTES = 1_600;

  /** Types whose time is known of each worker; one whose number falls on another's displaces it. */
  static final int SPEEDS = 64;

  private static final int SPEED_LANE_SHIFT = 40;
  private static final long SPEED_MICROS_MAX = (1L << SPEED_LANE_SHIFT) - 1;
  private static final int HOST_BYTES = 128;

  public static final Layout LAYOUT = new Layout("worker row");
  static final int STATE = LAYOUT.longField("state", "Register", "incarnation << 8 | state");
  static final int LAST_BEAT = LAYOUT.longField("last beat", "Register", "monotonic time, ns");
  static final int SUCCEEDED = LAYOUT.longField("succeeded", "Register", "recorded results");
  static final int FAILED = LAYOUT.longField("failed", "Register", "failed attempts");
  static final int SERVICE_US =
      LAYOUT.longField("service", "Register", "smoothed time in the handler, us");
  static final int RUNNING = LAYOUT.intField("running", "Register", "as the last beat said");
  static final int QUEUED = LAYOUT.intField("queued", "Register", "as the last beat said");
  static final int CPU_MILLI =
      LAYOUT.intField("cpu", "Register", "as the last beat said, thousandths of a core");
  static final int RATE_MILLI =
      LAYOUT.intField("rate", "Register", "results in a thousand seconds");

  static {
    LAYOUT.alignTo(64);
  }

  static final int VERSION =
      LAYOUT.longField("version", "Register", "odd while what follows is rewritten");
  static final int INSTANCE =
      LAYOUT.longField("instance", "Register", "the worker's own random number");
  static final int REGISTERED_MS =
      LAYOUT.longField("registered", "Register", "the instance's clock, ms");
  static final int CAPACITY = LAYOUT.intField("capacity", "Register", "tasks it runs at a time");
  static final int PID = LAYOUT.intField("pid", "Register", "as the worker said");
  static final int ID_LENGTH = LAYOUT.intField("id length", "Register", "bytes");
  static final int TYPES_LENGTH = LAYOUT.intField("types length", "Register", "bytes");
  static final int HOST_LENGTH = LAYOUT.intField("host length", "Register", "bytes");
  static final int ID = LAYOUT.bytesField("id", ID_BYTES_MAX, "Register", "ASCII");
  static final int HOST = LAYOUT.bytesField("host", HOST_BYTES, "Register", "ASCII");
  static final int TYPES =
      LAYOUT.bytesField("types", TEXT_BYTES, "Register", "names, each ended by a line feed");
  static final int SPEED =
      LAYOUT.longsField(
          "speeds",
          SPEEDS,
          "Register",
          "type plus one << 40 | smoothed time in the handler, us; at the type's number modulo 64");
  static final int OFFER_LENGTH = LAYOUT.intField("offer length", "Register", "bytes");
  static final int OFFER =
      LAYOUT.bytesField(
          "offer", Offer.TEXT_MAX, "Register", "its queues, labels and amounts, as ASCII");
  static final int STRIDE = LAYOUT.stride(4_096);

  /** What a worker said when it registered. */
  public record Registration(
      String workerId,
      long instanceId,
      int capacity,
      List<String> types,
      String host,
      int pid,
      Offer offer) {
    /** Of a worker that takes from all queues and says nothing else. */
    public Registration(
        String workerId, long instanceId, int capacity, List<String> types, String host, int pid) {
      this(workerId, instanceId, capacity, types, host, pid, Offer.NONE);
    }

    public Registration with(Offer its) {
      return new Registration(workerId, instanceId, capacity, types, host, pid, its);
    }

    /** Whether it may ever run tasks of a lane. */
    public boolean mayRun(Lane lane) {
      return types.contains(lane.type()) && offer.meets(lane);
    }

    /** Whether its types fit into a row. */
    public boolean fits() {
      return types.stream().mapToInt(type -> type.length() + 1).sum() <= TEXT_BYTES;
    }
  }

  private final Memory memory;
  private final int capacity;

  public WorkerTable(Memory memory) {
    this.memory = memory;
    this.capacity = Math.toIntExact(RegionHeader.capacity(memory));
  }

  public static long bytes(int capacity) {
    return RegionHeader.BYTES + (long) capacity * STRIDE;
  }

  public int capacity() {
    return capacity;
  }

  public State state(int row) {
    int state = (int) (memory.getLongAcquire(at(row, STATE)) & 0xFF);
    if (state >= STATES.length) {
      throw new DamagedException("region=workers row=" + row + " state=" + state);
    }
    return STATES[state];
  }

  /** Counts the registrations that the row has had. */
  public long incarnation(int row) {
    return memory.getLongAcquire(at(row, STATE)) >>> 8;
  }

  /** Register: a registration moves into a row that is FREE or DEAD. Answers the incarnation. */
  public long enter(int row, Registration registration, long nowMillis, long nowNanos) {
    long incarnation = incarnation(row) + 1;
    long version = memory.getLong(at(row, VERSION)) | 1;
    memory.putLongRelease(at(row, VERSION), version);
    memory.fullFence();
    memory.putLong(at(row, INSTANCE), registration.instanceId());
    memory.putLong(at(row, REGISTERED_MS), nowMillis);
    memory.putInt(at(row, CAPACITY), registration.capacity());
    memory.putInt(at(row, PID), registration.pid());
    text(row, ID, ID_LENGTH, ID_BYTES_MAX, registration.workerId());
    text(row, HOST, HOST_LENGTH, HOST_BYTES, registration.host());
    text(row, TYPES, TYPES_LENGTH, TEXT_BYTES, String.join("\n", registration.types()));
    text(row, OFFER, OFFER_LENGTH, Offer.TEXT_MAX, registration.offer().text());
    for (int field : new int[] {SUCCEEDED, FAILED, SERVICE_US}) {
      memory.putLong(at(row, field), 0);
    }
    for (int type = 0; type < SPEEDS; type++) {
      memory.putLong(at(row, speed(type)), 0);
    }
    load(row, 0, 0, 0);
    rateMilli(row, 0);
    lastBeat(row, nowNanos);
    memory.putLongRelease(at(row, VERSION), version + 1);
    memory.putLongRelease(at(row, STATE), (incarnation << 8) | State.ALIVE.ordinal());
    return incarnation;
  }

  /** Register: the same registration in another state. */
  public void state(int row, State state) {
    memory.putLongRelease(at(row, STATE), (incarnation(row) << 8) | state.ordinal());
  }

  /** The registration in a row, or null if it is being rewritten again and again. */
  public Registration registration(int row) {
    for (int attempt = 0; attempt < 1_000; attempt++) {
      long version = memory.getLongAcquire(at(row, VERSION));
      if ((version & 1) == 0) {
        Registration read = readRegistration(row);
        String offer = text(row, OFFER, OFFER_LENGTH, Offer.TEXT_MAX);
        memory.fullFence();
        if (memory.getLongAcquire(at(row, VERSION)) == version) {
          return offer.isEmpty() ? read : read.with(Offer.parse(offer));
        }
      }
      Thread.onSpinWait();
    }
    return null;
  }

  private Registration readRegistration(int row) {
    String types = text(row, TYPES, TYPES_LENGTH, TEXT_BYTES);
    return new Registration(
        text(row, ID, ID_LENGTH, ID_BYTES_MAX),
        memory.getLong(at(row, INSTANCE)),
        memory.getInt(at(row, CAPACITY)),
        types.isEmpty() ? List.of() : List.of(types.split("\n")),
        text(row, HOST, HOST_LENGTH, HOST_BYTES),
        memory.getInt(at(row, PID)));
  }

  public long registeredMillis(int row) {
    return memory.getLong(at(row, REGISTERED_MS));
  }

  public long lastBeat(int row) {
    return memory.getLongAcquire(at(row, LAST_BEAT));
  }

  public void lastBeat(int row, long nanos) {
    memory.putLongRelease(at(row, LAST_BEAT), nanos);
  }

  public long succeeded(int row) {
    return memory.getLong(at(row, SUCCEEDED));
  }

  public void succeeded(int row, long count) {
    memory.putLong(at(row, SUCCEEDED), count);
  }

  public long failed(int row) {
    return memory.getLong(at(row, FAILED));
  }

  public void failed(int row, long count) {
    memory.putLong(at(row, FAILED), count);
  }

  public long serviceMicros(int row) {
    return memory.getLong(at(row, SERVICE_US));
  }

  public void serviceMicros(int row, long micros) {
    memory.putLong(at(row, SERVICE_US), micros);
  }

  /** The smoothed time that tasks of a type take on a worker; 0: not known. */
  public long typeMicros(int row, int type) {
    long speed = memory.getLong(at(row, speed(type)));
    return speed >>> SPEED_LANE_SHIFT == type + 1 ? speed & SPEED_MICROS_MAX : 0;
  }

  /**
   * Register: a task of a type took so long on a worker. One store, so that nobody reads one type's
   * time as another's. It is a measure: what a crash leaves is as good as what was there.
   */
  public void served(int row, int type, long micros) {
    long before = typeMicros(row, type);
    long now = Math.max(1, Math.min(SPEED_MICROS_MAX, micros));
    long smoothed = before == 0 ? now : Math.max(1, before + (now - before) / 8);
    memory.putLong(at(row, speed(type)), (type + 1L) << SPEED_LANE_SHIFT | smoothed);
  }

  private static int speed(int type) {
    return SPEED + (type & (SPEEDS - 1)) * Long.BYTES;
  }

  public int running(int row) {
    return memory.getInt(at(row, RUNNING));
  }

  public int queued(int row) {
    return memory.getInt(at(row, QUEUED));
  }

  public int cpuMilli(int row) {
    return memory.getInt(at(row, CPU_MILLI));
  }

  public void load(int row, int running, int queued, int cpuMilli) {
    memory.putInt(at(row, RUNNING), running);
    memory.putInt(at(row, QUEUED), queued);
    memory.putInt(at(row, CPU_MILLI), cpuMilli);
  }

  public int rateMilli(int row) {
    return memory.getInt(at(row, RATE_MILLI));
  }

  public void rateMilli(int row, int rate) {
    memory.putInt(at(row, RATE_MILLI), rate);
  }

  private void text(int row, int field, int lengthField, int max, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(max, bytes.length);
    memory.putInt(at(row, lengthField), length);
    memory.putBytes(at(row, field), bytes, 0, length);
  }

  private String text(int row, int field, int lengthField, int max) {
    int length = Math.max(0, Math.min(max, memory.getInt(at(row, lengthField))));
    byte[] bytes = new byte[length];
    memory.getBytes(at(row, field), bytes, 0, length);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private long at(int row, int field) {
    if (row < 0 || row >= capacity) {
      throw new IndexOutOfBoundsException("no such worker row: row=" + row + " rows=" + capacity);
    }
    return RegionHeader.BYTES + (long) row * STRIDE + field;
  }
}
