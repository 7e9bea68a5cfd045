package io.tidemill.shm.instance;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.memory.MappedMemory;
import io.tidemill.shm.memory.Memory;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.LeaseTable;
import io.tidemill.shm.region.Mapping;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.PartialRing;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Rings;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.RuleTable;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import io.tidemill.shm.region.TimerHeap;
import io.tidemill.shm.region.TypeTable;
import io.tidemill.shm.region.WakeUp;
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** The mapped files of an instance, each with the class that reads it. */
public final class Regions implements AutoCloseable {
  private static final long PAGE_BYTES = 4_096;

  private final Map<Kind, ? extends Memory> memories;
  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;
  private final RuleTable rules;
  private final TimerHeap timers;
  private final TaskHeap taskHeap;
  private final WorkerTable workers;
  private final WorkerHeap workerHeap;
  private final Mapping mapping;
  private final TypeTable types;
  private final Rings rings;
  private final NoteTable cancelNotes;
  private final NoteTable progressNotes;
  private final LeaseTable leasesTaken;
  private final LeaseTable leasesReturned;
  private final PartialRing partials;

  /** Over memory of whatever kind, one of each, whose headers are written. */
  public Regions(Map<Kind, ? extends Memory> memories) {
    this(memories, System::nanoTime);
  }

  /**
   * The same in a time that is the caller's.
   *
   * @param clock monotonic, in nanoseconds
   */
  public Regions(Map<Kind, ? extends Memory> memories, LongSupplier clock) {
    this.memories = memories;
    this.control = new Control(memories.get(Kind.CONTROL), clock);
    this.tasks = new TaskTable(memories.get(Kind.TASKS));
    this.terms = new TermsTable(memories.get(Kind.TERMS));
    this.rules = new RuleTable(memories.get(Kind.RULES));
    this.workers = new WorkerTable(memories.get(Kind.WORKERS));
    this.workerHeap = new WorkerHeap(memories.get(Kind.WORKER_HEAP));
    this.mapping = new Mapping(memories.get(Kind.MAPPING));
    this.types = new TypeTable(memories.get(Kind.TYPES));
    this.taskHeap = new TaskHeap(memories.get(Kind.TASK_HEAP), tasks.capacity(), types.capacity());
    this.timers = new TimerHeap(memories.get(Kind.TIMERS), tasks.capacity());
    this.rings = new Rings(memories.get(Kind.RINGS));
    this.cancelNotes = new NoteTable(memories.get(Kind.CANCEL_NOTES));
    this.progressNotes = new NoteTable(memories.get(Kind.PROGRESS_NOTES));
    this.leasesTaken = new LeaseTable(memories.get(Kind.LEASES_TAKEN));
    this.leasesReturned = new LeaseTable(memories.get(Kind.LEASES_RETURNED));
    this.partials = new PartialRing(memories.get(Kind.PARTIALS));
  }

  /** How a file is mapped. */
  @FunctionalInterface
  interface Mapper {
    MappedMemory map(Path file) throws IOException;
  }

  /** Maps files that are known to be whole. */
  static Regions map(DataDir dir, Mapper mapper) throws IOException {
    Map<Kind, MappedMemory> memories = new EnumMap<>(Kind.class);
    try {
      for (Kind kind : Kind.values()) {
        memories.put(kind, mapper.map(dir.mapped(kind)));
      }
      return new Regions(memories);
    } catch (IOException | RuntimeException e) {
      memories.values().forEach(MappedMemory::close);
      throw e;
    }
  }

  /** How many records a region has under these settings. */
  static long capacity(Kind kind, Settings settings) {
    return switch (kind) {
      case CONTROL -> Role.values().length;
      case TASKS, TERMS, TIMERS, MAPPING, TASK_HEAP -> settings.number(Key.TASKS_MAX);
      case WORKERS, WORKER_HEAP -> settings.number(Key.WORKERS_MAX);
      case TYPES -> settings.number(Key.TYPES_MAX);
      case RINGS -> 1;
      case RULES -> RuleTable.RULES_MAX;
      case CANCEL_NOTES, PROGRESS_NOTES -> NoteTable.ENTRIES;
      case LEASES_TAKEN, LEASES_RETURNED -> LeaseTable.ENTRIES;
      case PARTIALS -> PartialRing.ENTRIES;
    };
  }

  /** The bytes of a region's file under these settings. */
  static long bytes(Kind kind, Settings settings) {
    return bytes(
        kind,
        settings.integer(Key.TASKS_MAX),
        settings.integer(Key.WORKERS_MAX),
        settings.integer(Key.TYPES_MAX));
  }

  /**
   * The bytes of a region's file for so many tasks, workers and task types: whole pages, since
   * Chronicle would make the file longer to that, by bytes that have no block.
   */
  static long bytes(Kind kind, int tasks, int workers, int types) {
    long used = used(kind, tasks, workers, types);
    return (used + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
  }

  private static long used(Kind kind, int tasks, int workers, int types) {
    return switch (kind) {
      case CONTROL -> Control.bytes();
      case TASKS -> TaskTable.bytes(tasks);
      case TERMS -> TermsTable.bytes(tasks);
      case RULES -> RuleTable.bytes(RuleTable.RULES_MAX);
      case TIMERS -> TimerHeap.bytes(tasks);
      case TASK_HEAP -> TaskHeap.bytes(tasks, types);
      case WORKERS -> WorkerTable.bytes(workers);
      case WORKER_HEAP -> WorkerHeap.bytes(workers);
      case MAPPING -> Mapping.bytes(tasks);
      case TYPES -> TypeTable.bytes(types);
      case RINGS -> Rings.bytes();
      case CANCEL_NOTES, PROGRESS_NOTES -> NoteTable.bytes();
      case LEASES_TAKEN, LEASES_RETURNED -> LeaseTable.bytes();
      case PARTIALS -> PartialRing.bytes();
    };
  }

  void seal() {
    memories.values().forEach(RegionHeader::seal);
  }

  public Control control() {
    return control;
  }

  public TaskTable tasks() {
    return tasks;
  }

  /** What holds for queues and keys, by the PLM. */
  public RuleTable rules() {
    return rules;
  }

  public TermsTable terms() {
    return terms;
  }

  /** What is to be looked at by time. */
  public TimerHeap timers() {
    return timers;
  }

  public TaskHeap taskHeap() {
    return taskHeap;
  }

  public WorkerTable workers() {
    return workers;
  }

  public WorkerHeap workerHeap() {
    return workerHeap;
  }

  public Mapping mapping() {
    return mapping;
  }

  /** A view of the types of one's own: it keeps what it read, for one thread at a time. */
  public TypeTable newTypes() {
    return new TypeTable(memories.get(Kind.TYPES));
  }

  /** The one view that the opening thread may share. */
  public TypeTable types() {
    return types;
  }

  public Rings rings() {
    return rings;
  }

  /** Why tasks are to be cancelled, by the PLM. */
  public NoteTable cancelNotes() {
    return cancelNotes;
  }

  /** How far tasks are, by the Register. */
  public NoteTable progressNotes() {
    return progressNotes;
  }

  /** Leases that are taken back, or asked back, by the Main Scheduler. */
  public LeaseTable leasesTaken() {
    return leasesTaken;
  }

  /** Leases that workers handed back, by the Register. */
  public LeaseTable leasesReturned() {
    return leasesReturned;
  }

  /** What running tasks have emitted; the Register writes. */
  public PartialRing partials() {
    return partials;
  }

  /** How to wake a process, or to sleep as it. */
  public WakeUp wakeUp(Role role) {
    return new WakeUp(control, role);
  }

  Memory memory(Kind kind) {
    return memories.get(kind);
  }

  @Override
  public void close() {
    for (Memory memory : memories.values()) {
      if (memory instanceof MappedMemory mapped) {
        mapped.close();
      }
    }
  }
}
