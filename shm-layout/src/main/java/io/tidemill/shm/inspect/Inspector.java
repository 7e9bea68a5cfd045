package io.tidemill.shm.inspect;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.inspect.InstanceReport.DefinitionState;
import io.tidemill.shm.inspect.InstanceReport.Header;
import io.tidemill.shm.inspect.InstanceReport.JournalState;
import io.tidemill.shm.inspect.InstanceReport.Lane;
import io.tidemill.shm.inspect.InstanceReport.ProcessRow;
import io.tidemill.shm.inspect.InstanceReport.Queued;
import io.tidemill.shm.inspect.InstanceReport.RingState;
import io.tidemill.shm.inspect.InstanceReport.RuleState;
import io.tidemill.shm.inspect.InstanceReport.Worker;
import io.tidemill.shm.instance.DataDir;
import io.tidemill.shm.instance.Epoch;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.InstanceException;
import io.tidemill.shm.instance.RegionFile;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.journal.DefinitionFold;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.os.Host;
import io.tidemill.shm.os.RoleLock;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Ring;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.TaskHeap;
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Reads all of an instance, running or not, without being able to change it. Nothing that the files
 * hold is trusted: every index is checked before it is used, and what is no value of ours is named
 * as a finding.
 */
public final class Inspector {
  private final DataDir dir;
  private final Settings settings;
  private final int limit;
  private final String type;
  private final Regions regions;
  private final Types types;
  private final Findings findings = new Findings();

  private Inspector(DataDir dir, Settings settings, Regions regions, int limit, String type) {
    this.dir = dir;
    this.settings = settings;
    this.regions = regions;
    this.limit = limit;
    this.type = type;
    this.types = new Types(regions.newTypes());
  }

  /**
   * Reads an instance.
   *
   * @param settings of the instance: where its mapped files are, and how it places tasks
   * @param limit how many tasks to name at most, of each lane and of those under a lease
   * @param type names tasks of this type only; null: all
   * @throws InstanceException if there is no instance, or none that this release can read; a
   *     sentence for the user
   */
  public static InstanceReport inspect(Path data, Settings settings, int limit, String type) {
    DataDir dir = new DataDir(data, settings.text(Key.SHM_DIR));
    try (Regions regions = Instance.observe(dir)) {
      return new Inspector(dir, settings, regions, limit, type).report();
    } catch (IOException e) {
      throw new InstanceException(
          "cannot read the instance: data=" + dir.root() + " cause=" + e.getMessage(), e);
    }
  }

  private InstanceReport report() throws IOException {
    Header header = header();
    List<ProcessRow> processes = processes();
    SlotSurvey slots = new SlotSurvey(regions, types, header.slotsUsed(), limit, type);
    slots.survey(findings);
    List<Worker> workers = workers(header.thisBoot(), slots);
    DefinitionFold definitions = new DefinitionFold();
    List<JournalState> journals = JournalSurvey.survey(dir, definitions, findings);
    return new InstanceReport(
        header,
        processes,
        slots.states(),
        lanes(slots),
        workers,
        slots.held(),
        TermsSurvey.survey(dir, regions, types, header.slotsUsed(), limit, type),
        rules(),
        definitions(definitions),
        rings(),
        counters(),
        regions.control().errors().entries(),
        journals,
        findings.list());
  }

  private Header header() throws IOException {
    RegionFile file = RegionFile.readSet(dir).get(Kind.CONTROL);
    Control control = regions.control();
    int capacity = regions.tasks().capacity();
    int slotsUsed =
        Integer.parseInt(
            findings.readable(
                "slots_used",
                () -> Integer.toString(control.slotsUsed()),
                Integer.toString(capacity)));
    if (slotsUsed > capacity) {
      findings.add("slots_used", "slots used is no number of slots: value=" + slotsUsed);
      slotsUsed = capacity;
    }
    Header header =
        new Header(
            dir.root().toString(),
            dir.mapped().toString(),
            "TIDEMILL",
            file.version(),
            Hex.of(file.stamp()),
            Hex.of(file.boot()),
            file.boot() == Host.bootId(),
            control.epoch(),
            Epoch.read(dir.epoch()),
            control.createdMillis(),
            control.lastSequence(),
            slotsUsed,
            capacity,
            regions.workers().capacity(),
            types.capacity(),
            settings.text(Key.PLACEMENT_POLICY));
    if (!header.thisBoot()) {
      findings.add(
          "other_boot",
          "the host has been booted since the files were made: the next start makes them anew from the journals");
    }
    if (header.epoch() != header.durableEpoch()) {
      findings.add(
          "epoch",
          "the mapped files and the epoch file differ: mapped="
              + header.epoch()
              + " file="
              + header.durableEpoch()
              + "; leases could repeat if the file's is the lower one");
    }
    return header;
  }

  private List<ProcessRow> processes() {
    Control control = regions.control();
    List<ProcessRow> rows = new ArrayList<>();
    for (Role role : Role.values()) {
      long holder = RoleLock.holder(dir.lock(role));
      rows.add(
          new ProcessRow(
              role.label(),
              holder != 0,
              holder != 0 ? holder : control.pid(role),
              control.incarnation(role),
              findings.readable("process_phase", () -> control.phase(role).name(), "GARBAGE"),
              control.startedMillis(role),
              control.beats(role),
              control.sweepAsked(role),
              control.sweepDone(role)));
    }
    return rows;
  }

  private List<Lane> lanes(SlotSurvey slots) {
    TaskHeap heap = regions.taskHeap();
    List<Lane> lanes = new ArrayList<>();
    for (int lane = 0; lane < types.count() && lane < heap.lanesMax(); lane++) {
      long size = heap.size(lane);
      String name = types.name(lane);
      if (size != 0 && (type == null || type.equals(name))) {
        List<Queued> best = heap.best(lane, limit).stream().map(slots::queued).toList();
        lanes.add(new Lane(lane, name, size, best));
      }
    }
    return lanes;
  }

  private List<Worker> workers(boolean thisBoot, SlotSurvey slots) {
    List<Worker> workers = new ArrayList<>();
    for (int row = 0; row < regions.workers().capacity(); row++) {
      int at = row;
      String state =
          findings.readable("worker_state", () -> regions.workers().state(at).name(), "GARBAGE");
      if (!state.equals(WorkerTable.State.FREE.name())) {
        workers.add(worker(row, state, thisBoot, slots));
      }
    }
    return workers;
  }

  private Worker worker(int row, String state, boolean thisBoot, SlotSurvey slots) {
    WorkerTable table = regions.workers();
    WorkerHeap heap = regions.workerHeap();
    WorkerTable.Registration said =
        findings.readable("worker_offer", () -> table.registration(row), null);
    if (said == null) {
      findings.add("worker_row", "a worker's row was left half written: row=" + row);
      said = new WorkerTable.Registration("", 0, 0, List.of(), "", 0);
    }
    long age = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - table.lastBeat(row));
    return new Worker(
        row,
        said.workerId(),
        state,
        table.incarnation(row),
        said.capacity(),
        heap.inFlight(row),
        heap.window(row),
        slots.heldBy(row),
        table.running(row),
        table.queued(row),
        table.succeeded(row),
        table.failed(row),
        thisBoot ? Math.max(0, age) : -1,
        said.host(),
        said.pid(),
        said.types(),
        said.offer().queues(),
        said.offer().order().name(),
        said.offer().labels(),
        said.offer().amounts());
  }

  private List<RuleState> rules() {
    return regions.rules().read().stream()
        .map(
            rule ->
                new RuleState(
                    rule.of().name().toLowerCase(Locale.ROOT),
                    rule.name(),
                    rule.paused(),
                    rule.most(),
                    rule.permits(),
                    rule.periodMillis(),
                    rule.burst()))
        .toList();
  }

  private static List<DefinitionState> definitions(DefinitionFold fold) {
    return fold.live().stream()
        .map(
            each ->
                new DefinitionState(
                    kind(each.kind()),
                    each.name(),
                    each.millis(),
                    each.sequence(),
                    each.body().length,
                    each.body()))
        .toList();
  }

  private static String kind(byte number) {
    DefinitionKind kind = DefinitionKind.of(number);
    return kind == null ? Byte.toString(number) : kind.name();
  }

  private List<RingState> rings() {
    List<RingState> states =
        List.of(
            ring("plm-to-scheduler", regions.rings().plmToScheduler()),
            ring("register-to-scheduler", regions.rings().registerToScheduler()),
            ring("register-to-plm", regions.rings().registerToPlm()),
            ring("plm-to-register", regions.rings().plmToRegister()),
            ring("scheduler-to-register", regions.rings().schedulerToRegister()));
    for (RingState ring : states) {
      if (ring.overflown()) {
        findings.add("ring_overflow", "a ring ran over, and its reader scans: ring=" + ring.name());
      }
    }
    return states;
  }

  private static RingState ring(String name, Ring ring) {
    return new RingState(name, ring.size(), ring.isOverflown());
  }

  private Map<Counter, Long> counters() {
    Map<Counter, Long> counters = new EnumMap<>(Counter.class);
    for (Counter counter : Counter.values()) {
      counters.put(counter, regions.control().count(counter));
    }
    return counters;
  }
}
