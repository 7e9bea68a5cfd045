package io.tidemill.plm;

import io.tidemill.shm.region.Lane;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.RuleTable;
import io.tidemill.shm.region.WorkerTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** Why a ready task waits. What the workers handle is looked up at most twice a second. */
final class WaitNotes {
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final WorkerTable workers;
  private final RuleTable rules;
  private final LongSupplier ready;
  private Set<String> paused = Set.of();
  private List<WorkerTable.Registration> seen = List.of();
  private long seenNanos = System.nanoTime() - FRESH_NANOS;

  /**
   * @param ready how many tasks are ready, as far as known
   */
  WaitNotes(WorkerTable workers, RuleTable rules, LongSupplier ready) {
    this.workers = workers;
    this.rules = rules;
    this.ready = ready;
  }

  synchronized String ofReady(Lane lane) {
    long now = System.nanoTime();
    if (now - seenNanos >= FRESH_NANOS) {
      seenNanos = now;
      look();
    }
    if (paused.contains(lane.queue())) {
      return "its queue is paused: " + lane.queue();
    }
    if (seen.isEmpty()) {
      return "no worker is connected";
    }
    if (seen.stream().noneMatch(worker -> worker.types().contains(lane.type()))) {
      return "no live worker handles type " + lane.type();
    }
    if (seen.stream().noneMatch(worker -> worker.mayRun(lane))) {
      return "no live worker takes " + lane;
    }
    long count = ready.getAsLong();
    return count > 1
        ? "waits for a free worker; " + count + " tasks are ready"
        : "waits for a free worker";
  }

  private void look() {
    List<WorkerTable.Registration> alive = new ArrayList<>();
    for (int row = 0; row < workers.capacity(); row++) {
      if (workers.state(row) == WorkerTable.State.ALIVE) {
        WorkerTable.Registration registration = workers.registration(row);
        if (registration != null) {
          alive.add(registration);
        }
      }
    }
    seen = alive;
    paused =
        rules.read().stream()
            .filter(rule -> rule.of() == Rule.Of.QUEUE && rule.paused())
            .map(Rule::name)
            .collect(Collectors.toSet());
  }
}
