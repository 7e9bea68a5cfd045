package io.tidemill.register;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.region.WorkerTable.Registration;
import io.tidemill.v1.RegisterWorkerResponse;

/** Lets workers in. Guarded. */
final class Registrar {
  private final Workers workers;
  private final Takeovers takeovers;
  private final RegisterWorkerResponse terms;

  Registrar(Settings settings, Workers workers, Takeovers takeovers, int resultBytesMax) {
    this.workers = workers;
    this.takeovers = takeovers;
    this.terms =
        RegisterWorkerResponse.newBuilder()
            .setBeatIntervalMs(settings.integer(Key.WORKER_BEAT_INTERVAL_MS))
            .setBeatMisses(settings.integer(Key.WORKER_BEAT_MISSES))
            .setDispatchAddress(":" + settings.text(Key.PORT_SCHEDULER))
            .setResultBytesMax(resultBytesMax)
            .build();
  }

  /** A checked registration: in at once, unless another process's stream stands under this id. */
  void register(Registration registration, Caller caller, long now) {
    Worker holder = workers.byId(registration.workerId());
    boolean another =
        holder != null
            && holder.isServed()
            && holder.stream() != null
            && holder.registration().instanceId() != registration.instanceId();
    if (!another) {
      admit(registration, caller, now);
    } else if (!takeovers.challenge(holder, registration, caller, now)) {
      caller.fail(Refusals.workerAlive(holder.id()));
    }
  }

  /** The holder of the id did not answer in time. */
  void onHolderSilent(Worker holder, Registration registration, Caller caller, long now) {
    if (workers.byId(holder.id()) == holder && holder.isServed()) {
      workers.dead(holder, "silent, and another process registered under its id", now);
      admit(registration, caller, now);
    } else {
      register(registration, caller, now);
    }
  }

  private void admit(Registration registration, Caller caller, long now) {
    int row = workers.rowFor(registration.workerId());
    if (row == Workers.NO_ROW) {
      caller.fail(Refusals.workersFull(workers.capacity()));
      return;
    }
    Worker worker = workers.enter(row, registration, now);
    caller.answer(terms.toBuilder().setWorkerKey(workers.keyOf(worker)).build());
  }
}
