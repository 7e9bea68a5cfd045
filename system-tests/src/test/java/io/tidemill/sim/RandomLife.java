package io.tidemill.sim;

import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.Role;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One random life of an instance: submissions, work, cancellations, crashes before any write,
 * pauses in mid-operation, restarts, broken connections, full disks, reboots and losses of power,
 * as the seed has it. Then everything gets its time, and the promises are checked.
 */
final class RandomLife implements Observer {
  private static final int STEPS_MIN = 100;
  private static final int STEPS_MORE = 300;
  private static final int TASKS_MAX = 40;
  private static final int WRITES_AHEAD = 80;
  private static final String[] TYPES = {"t", "u"};
  private static final String[] DOES = {
    "ok", "ok", "ok", "hang", "fail:1", "fail:2", "fail:9", "fatal", "return"
  };

  private final SplittableRandom random;
  private final World world;
  private final List<SimWorker> workers = new ArrayList<>();
  private final List<SimClient> clients = new ArrayList<>();
  private final StringBuilder story = new StringBuilder();
  private int submitted;
  private long trace;

  RandomLife(long seed) {
    random = new SplittableRandom(seed);
    SharedMemory.Size size =
        new SharedMemory.Size(8 + random.nextInt(12), 4, 4, 4 << random.nextInt(4), 4);
    world =
        new World(
            size,
            Map.of(
                "task.returns.max", "3",
                "task.execution.timeout.ms", "4000"),
            this);
    workers.add(world.worker("w1", 1 + random.nextInt(3), "t"));
    workers.get(0).stubborn(random.nextBoolean());
    workers.add(world.worker("w2", 1 + random.nextInt(3), "t", "u"));
    clients.add(world.client(7));
    clients.add(world.client(8));
  }

  /** Lives, and answers what was broken: nothing if all is well. */
  List<String> live() {
    int steps = STEPS_MIN + random.nextInt(STEPS_MORE);
    for (int i = 0; i < steps && world.failures().isEmpty(); i++) {
      step();
    }
    disk(false);
    world.rest();
    return Checks.wrongIn(world);
  }

  /** The same for the same seed: all that was written to shared memory, but for its times. */
  long trace() {
    return trace;
  }

  /** What happened beside ordinary work. */
  String story() {
    return story.toString();
  }

  private void step() {
    int what = random.nextInt(1_000);
    if (what < 350) {
      deliver();
    } else if (what < 600) {
      world.turn(role());
    } else if (what < 700) {
      worker().act();
    } else if (what < 750) {
      client().act();
    } else if (what < 810) {
      submit();
    } else if (what < 840) {
      cancel();
    } else if (what < 860) {
      priority();
    } else if (what < 900) {
      world.advanceMillis(random.nextInt(random.nextInt(10) == 0 ? 3_000 : 100));
    } else {
      trouble(random.nextInt(100));
    }
    for (Role role : Role.servers()) {
      if (!world.isUp(role) && random.nextInt(10) == 0) {
        start(role);
      }
    }
  }

  private void trouble(int what) {
    if (what < 25) {
      dieSoon(role());
    } else if (what < 35) {
      pauseSoon(role());
    } else if (what < 45) {
      kill(role());
    } else if (what < 60) {
      worker(worker());
    } else if (what < 70) {
      client().disconnect();
    } else if (what < 78) {
      disk(random.nextBoolean());
    } else if (what < 84) {
      world.lossy(random.nextBoolean());
    } else if (what < 90) {
      sweep();
    } else if (what < 95) {
      note("reboot");
      world.reboot();
    } else {
      note("power loss");
      world.losePower(random);
    }
  }

  private void note(String what) {
    story.append(story.isEmpty() ? "" : ", ").append(what);
  }

  private Role role() {
    return Role.servers()[random.nextInt(3)];
  }

  private SimWorker worker() {
    return workers.get(random.nextInt(workers.size()));
  }

  private SimClient client() {
    return clients.get(random.nextInt(clients.size()));
  }

  private void deliver() {
    List<Link> ready = world.readyLinks();
    if (!ready.isEmpty()) {
      ready.get(random.nextInt(ready.size())).deliver();
    }
  }

  private void submit() {
    SimClient client = client();
    for (int count = 1 + random.nextInt(3); count > 0 && submitted < TASKS_MAX; count--) {
      TaskSpec spec =
          SimClient.task(
              TYPES[random.nextInt(TYPES.length)],
              random.nextInt(3),
              DOES[random.nextInt(DOES.length)]);
      client.submit(random.nextInt(3) == 0 ? SimClient.disk(spec) : spec);
      submitted++;
    }
    client.act();
  }

  private void cancel() {
    List<Long> ids = List.copyOf(client().acked().values());
    SimProcess plm = world.process(Role.PLM);
    if (!ids.isEmpty() && plm != null) {
      long id = ids.get(random.nextInt(ids.size()));
      world.in(plm, () -> world.plm().cancel(id, "why not"));
    }
  }

  private void priority() {
    List<Long> ids = List.copyOf(client().acked().values());
    if (!ids.isEmpty()) {
      world.priorities().set(ids.get(random.nextInt(ids.size())), random.nextInt(4) - 1);
    }
  }

  private void dieSoon(Role role) {
    SimProcess process = world.process(role);
    if (process != null) {
      int k = 1 + random.nextInt(WRITES_AHEAD);
      note(role.label() + " dies at " + k);
      process.dieAt(k);
    }
  }

  /** It stops in mid-operation while another server turns. */
  private void pauseSoon(Role role) {
    SimProcess process = world.process(role);
    Role other = role();
    if (process != null && other != role) {
      int k = 1 + random.nextInt(WRITES_AHEAD);
      note(role.label() + " pauses at " + k);
      process.pauseAt(k, () -> run(other));
    }
  }

  private void run(Role role) {
    SimProcess process = world.process(role);
    if (process != null && !process.isPaused()) {
      world.deliverTo(role);
      world.turn(role);
    }
  }

  private void kill(Role role) {
    if (world.isUp(role)) {
      note(role.label() + " killed");
      world.kill(role);
    }
  }

  private void start(Role role) {
    if (random.nextInt(4) == 0) {
      int k = 1 + random.nextInt(WRITES_AHEAD);
      note(role.label() + " dies at " + k + " of its start");
      world.onStart(process -> process.dieAt(k));
    }
    world.start(role);
    world.onStart(process -> {});
  }

  private void worker(SimWorker worker) {
    switch (random.nextInt(6)) {
      case 0 -> {
        note("worker killed");
        worker.kill();
      }
      case 1 -> worker.breakHeartbeat();
      case 2 -> worker.breakDispatch();
      case 3 -> worker.window(1 + random.nextInt(4));
      case 4 -> worker.silent(random.nextBoolean());
      default -> {
        if (worker.isDead()) {
          worker.revive();
        }
      }
    }
  }

  private void disk(boolean full) {
    world.disk().submissions().full(full);
    world.disk().outcomes().full(full);
  }

  private void sweep() {
    if (world.memory().isUsable()) {
      world.memory().observed().control().askSweep(role());
    }
  }

  // The trace.

  @Override
  public void onLong(Kind kind, long offset, long value) {
    add(kind, offset);
  }

  @Override
  public void onInt(Kind kind, long offset) {
    add(kind, offset);
  }

  @Override
  public void onCas(Kind kind, long offset, long before, long after) {
    add(kind, offset);
    trace = trace * 31 + after;
  }

  private void add(Kind kind, long offset) {
    trace = (trace * 31 + kind.ordinal()) * 31 + offset;
  }
}
