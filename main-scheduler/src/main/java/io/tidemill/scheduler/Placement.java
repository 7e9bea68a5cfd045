package io.tidemill.scheduler;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.Counter;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;

/** Asks whoever decides about a task where it goes: its affinity key, else the policy. */
final class Placement {
  private final Control control;
  private final TaskTable tasks;
  private final TermsTable terms;
  private final Workers workers;
  private final PlacementPolicy policy;
  private final Affinity affinity = new Affinity();

  /** Of the task that was placed last. */
  private boolean hasAffinity;

  Placement(Instance instance, Workers workers) {
    this.control = instance.control();
    this.tasks = instance.regions().tasks();
    this.terms = instance.regions().terms();
    this.workers = workers;
    this.policy = PlacementPolicy.of(instance.settings().text(Key.PLACEMENT_POLICY));
  }

  /** The worker that a lane's best task goes to, or {@link PlacementPolicy#NOBODY}. */
  int place(ReadyTasks.Lane lane) {
    int slot = lane.slot();
    int key = tasks.hasTerms(slot) ? terms.affinity(slot) : 0;
    hasAffinity = key != 0;
    int worker = hasAffinity ? affinity.place(key, lane.type(), workers) : PlacementPolicy.NOBODY;
    return worker == PlacementPolicy.NOBODY ? policy.place(lane.type(), workers) : worker;
  }

  /** It has been assigned there. */
  void onAssigned(int worker) {
    if (hasAffinity) {
      boolean hit = affinity.isHome(worker);
      control.count(hit ? Counter.AFFINITY_HITS : Counter.AFFINITY_FALLBACKS, 1);
    }
  }
}
