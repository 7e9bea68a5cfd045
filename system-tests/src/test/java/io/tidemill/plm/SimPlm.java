package io.tidemill.plm;

import io.grpc.stub.StreamObserver;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.sim.SimServer;
import io.tidemill.v1.CreateScheduleRequest;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.TaskSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** The PLM in a simulation. */
public final class SimPlm implements SimServer {
  private final PlmPart part;

  /** It settles what its predecessor left while it is made. */
  public SimPlm(Instance instance, LongSupplier wallMillis) {
    this.part = new PlmPart(instance, wallMillis);
  }

  @Override
  public void settle() {}

  @Override
  public int turn(long nowNanos) {
    return part.agent().doWork(nowNanos) + part.schedules().turn();
  }

  @Override
  public int commit() {
    return part.commits().commit();
  }

  public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> answers) {
    return part.api().session(answers);
  }

  public void submit(SubmitTasksRequest request, StreamObserver<SubmitTasksResponse> answer) {
    part.api().submitTasks(request, answer);
  }

  /** Asks for a cancellation; answers whether the task was live. */
  public boolean cancel(long taskId, String reason) {
    return part.api().parts().cancels().ask(taskId, reason) != null;
  }

  /**
   * Submits an ended task again, if it is still kept.
   *
   * @param durable told the new task's id
   */
  public void requeue(long taskId, LongConsumer durable) {
    Requeues.Outcomes outcomes = part.requeues().requeue(List.of(taskId), true);
    long made = outcomes.all().get(0).newId();
    if (made == 0) {
      return;
    }
    if (outcomes.waitsForDisk()) {
      part.api().parts().intake().afterForce(() -> durable.accept(made));
    } else {
      durable.accept(made);
    }
  }

  /** The task that an ended one runs again as: asked for once more, which makes no other. */
  public long requeuedAs(long taskId) {
    return part.requeues().requeue(List.of(taskId), true).all().get(0).newId();
  }

  /** Gives a task another priority, if it waits; then tells that it is promised, and if on disk. */
  public void priority(long taskId, int priority, Consumer<Boolean> promised) {
    TaskApi.Parts parts = part.api().parts();
    PriorityChanges.Change change = parts.priorities().changes().set(taskId, priority);
    if (change.result() == PriorityChanges.Result.DONE && change.disk()) {
      parts.intake().afterForce(() -> promised.accept(true));
    } else if (change.result() == PriorityChanges.Result.DONE) {
      promised.accept(false);
    }
  }

  /** Makes a schedule that submits a task of type t; null: it is made, or will be when durable. */
  public String schedule(String name, String cron, Runnable durable) {
    CreateScheduleRequest request =
        CreateScheduleRequest.newBuilder()
            .setSchedule(
                Schedule.newBuilder()
                    .setName(name)
                    .setCron(cron)
                    .setTask(TaskSpec.newBuilder().setType("t")))
            .build();
    Refused refused = part.scheduleCalls().create(request, status -> durable.run());
    return refused == null ? null : refused.message();
  }

  /** Makes a definition hold, or removes it; null: it holds, or will when it is durable. */
  public String define(String name, String value, Runnable durable) {
    Definitions.Change change =
        new Definitions.Change(DefinitionKind.QUEUE, name, value.getBytes(StandardCharsets.UTF_8));
    Refused refused = part.api().parts().intake().define(List.of(change), durable);
    return refused == null ? null : refused.message();
  }

  /** What a name is defined as; empty: nothing. */
  public String defined(String name) {
    byte[] found = part.definitions().get(DefinitionKind.QUEUE, name);
    return found == null ? "" : new String(found, StandardCharsets.UTF_8);
  }

  /** Takes all free slots, for good: the last thing that is asked of it. */
  public int[] drainFreeSlots(int capacity) {
    int[] all = new int[2 * capacity];
    return Arrays.copyOf(all, part.free().take(all, all.length));
  }
}
