package io.tidemill.sim;

import io.tidemill.shm.instance.Rebuild;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.JournalReader;
import io.tidemill.shm.memory.HeapMemory;
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
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerTable;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** The mapped files, on the heap: they outlive the simulated processes, but no simulated reboot. */
final class SharedMemory {
  private static final int RULES = 8;

  /** How large the regions are: small, so that slots come round and rings run over. */
  record Size(int tasks, int workers, int types, int ringEntries, int notes) {
    static final Size SMALL = new Size(16, 4, 4, 16, 4);
  }

  private final Size size;
  private final Observer observer;
  private final LongSupplier clock;
  private Map<Kind, HeapMemory> bytes;
  private long boot = 1;
  private long sets;

  SharedMemory(Size size, Observer observer, LongSupplier clock) {
    this.clock = clock;
    this.size = size;
    this.observer = observer;
  }

  /** The host was booted: what there is belongs to the boot before. */
  void reboot() {
    boot++;
  }

  boolean isUsable() {
    if (bytes == null) {
      return false;
    }
    for (HeapMemory memory : bytes.values()) {
      if (!RegionHeader.sealed(memory) || RegionHeader.boot(memory) != boot) {
        return false;
      }
    }
    return true;
  }

  /** As a process that starts finds or makes them. */
  Regions openOrMake(SimProcess process, SimDisk disk) {
    if (!isUsable()) {
      make(process, disk);
    }
    return mapped(process);
  }

  private void make(SimProcess process, SimDisk disk) {
    int epoch = disk.raiseEpoch(process);
    bytes = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      bytes.put(kind, new HeapMemory(Math.toIntExact(bytes(kind))));
    }
    sets++;
    for (Kind kind : Kind.values()) {
      Memory memory = mapped(process, kind);
      RegionHeader.prepare(memory, kind, capacity(kind), sets, boot);
    }
    try (JournalReader submissions = disk.openedBy(process).readSubmissions();
        JournalReader outcomes = disk.openedBy(process).readOutcomes()) {
      Rebuild.fill(mapped(process), epoch, submissions, outcomes);
    }
  }

  /** Without a process: for whoever looks. */
  Regions observed() {
    return new Regions(bytes, clock);
  }

  private Regions mapped(SimProcess process) {
    Map<Kind, Memory> all = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      all.put(kind, mapped(process, kind));
    }
    return new Regions(all, clock);
  }

  private Memory mapped(SimProcess process, Kind kind) {
    return new ProcessMemory(bytes.get(kind), process, kind, observer);
  }

  private long capacity(Kind kind) {
    return switch (kind) {
      case CONTROL -> Role.values().length;
      case TASKS, TERMS, TIMERS, MAPPING, TASK_HEAP -> size.tasks();
      case WORKERS, WORKER_HEAP -> size.workers();
      case TYPES -> size.types();
      case RINGS -> 1;
      case RULES -> RULES;
      case CANCEL_NOTES, PROGRESS_NOTES, LEASES_TAKEN, LEASES_RETURNED, PARTIALS -> size.notes();
    };
  }

  private long bytes(Kind kind) {
    return switch (kind) {
      case CONTROL -> Control.bytes();
      case TASKS -> TaskTable.bytes(size.tasks());
      case TERMS -> TermsTable.bytes(size.tasks());
      case RULES -> RuleTable.bytes(RULES);
      case TIMERS -> TimerHeap.bytes(size.tasks());
      case TASK_HEAP -> TaskHeap.bytes(size.tasks(), size.types());
      case WORKERS -> WorkerTable.bytes(size.workers());
      case WORKER_HEAP -> WorkerHeap.bytes(size.workers());
      case MAPPING -> Mapping.bytes(size.tasks());
      case TYPES -> TypeTable.bytes(size.types());
      case RINGS -> Rings.bytes(size.ringEntries());
      case CANCEL_NOTES, PROGRESS_NOTES ->
          RegionHeader.BYTES + (long) size.notes() * NoteTable.LAYOUT.length();
      case LEASES_TAKEN, LEASES_RETURNED -> LeaseTable.bytes(size.notes());
      case PARTIALS -> RegionHeader.BYTES + (long) size.notes() * PartialRing.STRIDE;
    };
  }
}
