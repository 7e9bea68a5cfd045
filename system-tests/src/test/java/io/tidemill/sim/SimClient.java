package io.tidemill.sim;

import com.google.protobuf.ByteString;
import io.tidemill.shm.region.Role;
import io.tidemill.v1.AwaitTasks;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.Durability;
import io.tidemill.v1.OpenSession;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitAcks;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A client with a session that keeps the protocol: submits again under the same numbers what has no
 * acknowledgement, and awaits what it has no result of. It remembers what it was promised.
 */
final class SimClient {
  private final World world;
  private final long session;
  private final List<TaskSpec> specs = new ArrayList<>();
  private final Map<Long, Long> acked = new LinkedHashMap<>();
  private final Set<Long> refused = new LinkedHashSet<>();
  private final Map<Long, TaskResult> results = new LinkedHashMap<>();
  private long firstUnsettled = 1;
  private long nextToSend;
  private boolean opened;
  private String lastEnd = "";
  private SimStream<SessionRequest, SessionResponse> stream;

  SimClient(World world, long session) {
    this.world = world;
    this.session = session;
  }

  long session() {
    return session;
  }

  static TaskSpec task(String type, int priority, String does) {
    return TaskSpec.newBuilder()
        .setType(type)
        .setPriority(priority)
        .setPayload(ByteString.copyFromUtf8(does))
        .setMaxAttempts(3)
        .build();
  }

  /** One that waits until these have succeeded. */
  static TaskSpec after(TaskSpec spec, long... ids) {
    TaskSpec.Builder waiting = spec.toBuilder();
    for (long id : ids) {
      waiting.addDependsOn(Dependency.newBuilder().setTaskId(id));
    }
    return waiting.build();
  }

  static TaskSpec disk(TaskSpec spec) {
    return spec.toBuilder().setDurability(Durability.DURABILITY_DISK).build();
  }

  /** Wants these to be done; answers the first one's number. */
  long submit(TaskSpec... more) {
    specs.addAll(List.of(more));
    return specs.size() - more.length + 1L;
  }

  /** The id under which a number was acknowledged, or null. */
  Long id(long number) {
    return acked.get(number);
  }

  /** The id of the task that was acknowledged last. */
  long lastAcked() {
    return acked.values().stream().reduce((first, second) -> second).orElseThrow();
  }

  TaskSpec spec(long number) {
    return specs.get((int) number - 1);
  }

  /** Everything that it was promised: number to task id. */
  Map<Long, Long> acked() {
    return acked;
  }

  /** Task id to result. */
  Map<Long, TaskResult> results() {
    return results;
  }

  boolean isDone() {
    Set<Long> settled = new HashSet<>(acked.keySet());
    settled.addAll(refused);
    return settled.size() == specs.size() && results.keySet().containsAll(acked.values());
  }

  /** Its connection breaks. */
  void disconnect() {
    if (stream != null) {
      stream.cancel();
      gone();
    }
  }

  private void gone() {
    stream = null;
    opened = false;
  }

  /** The power failed: only what was promised to be on disk has to be there. */
  void afterPowerLoss(Kept kept) {
    // Whether it was acknowledged or not: a result may arrive before that does.
    for (TaskResult told : List.copyOf(results.values())) {
      if (!kept.hasOutcome(told.getTaskId())) {
        results.remove(told.getTaskId());
        if (isDisk(told.getNumber())) {
          world.fail("a result that was told is not on the disk: task=" + told.getTaskId());
        }
      }
    }
    for (Map.Entry<Long, Long> entry : Map.copyOf(acked).entrySet()) {
      if (!kept.hasTask(entry.getValue())) {
        lost(entry.getKey(), entry.getValue());
      }
    }
  }

  private boolean isDisk(long number) {
    return spec(number).getDurability() == Durability.DURABILITY_DISK;
  }

  private void lost(long number, long id) {
    acked.remove(number);
    refused.add(number);
    results.remove(id);
    if (isDisk(number)) {
      world.fail("a task that was acknowledged to be on disk is not: task=" + id);
    }
  }

  boolean act() {
    if (stream == null) {
      return open();
    }
    return opened && send();
  }

  private boolean open() {
    if (!world.isUp(Role.PLM)) {
      return false;
    }
    Peer peer = new Peer();
    stream =
        new SimStream<>(
            world, world.process(Role.PLM), answers -> world.plm().session(answers), peer);
    peer.stream = stream;
    stream.send(
        SessionRequest.newBuilder()
            .setOpen(OpenSession.newBuilder().setSessionId(session))
            .build());
    return true;
  }

  private void onOpened() {
    opened = true;
    nextToSend = firstUnsettled;
    await(acked.values());
  }

  private void await(Collection<Long> ids) {
    List<Long> lacking = ids.stream().filter(id -> id != 0 && !results.containsKey(id)).toList();
    if (!lacking.isEmpty()) {
      AwaitTasks await = AwaitTasks.newBuilder().addAllTaskIds(lacking).build();
      stream.send(SessionRequest.newBuilder().setAwait(await).build());
    }
  }

  private boolean send() {
    if (nextToSend > specs.size()) {
      return false;
    }
    SubmitRun.Builder run = SubmitRun.newBuilder().setFirstNumber(nextToSend);
    run.addAllTasks(specs.subList((int) nextToSend - 1, specs.size()));
    nextToSend = specs.size() + 1L;
    stream.send(SessionRequest.newBuilder().setSubmit(run).build());
    return true;
  }

  private final class Peer implements SimStream.Peer<SessionResponse> {
    private SimStream<SessionRequest, SessionResponse> stream;

    @Override
    public void onMessage(SessionResponse message) {
      if (stream != SimClient.this.stream) {
        return;
      }
      switch (message.getKindCase()) {
        case OPENED -> onOpened();
        case ACKS -> onAcks(message.getAcks());
        case RESULTS -> message.getResults().getResultsList().forEach(SimClient.this::onResult);
        case KIND_NOT_SET -> world.fail("an empty session message");
      }
    }

    @Override
    public void onEnd(Throwable error) {
      if (stream == SimClient.this.stream) {
        lastEnd = String.valueOf(error);
        gone();
      }
    }
  }

  private void onAcks(SubmitAcks acks) {
    acks.getRefusalsList()
        .forEach(
            refusal -> {
              if (refused.add(refusal.getNumber())) {
                submit(spec(refusal.getNumber()));
              }
            });
    for (int i = 0; i < acks.getTaskIdsCount(); i++) {
      long number = acks.getFirstNumber() + i;
      long id = acks.getTaskIds(i);
      if (id != 0) {
        onAck(number, id);
      }
    }
    if (acks.getDuplicates() > 0) {
      await(acks.getTaskIdsList()); // They may have ended before this stream was there.
    }
    while (acked.containsKey(firstUnsettled) || refused.contains(firstUnsettled)) {
      firstUnsettled++;
    }
  }

  private void onAck(long number, long id) {
    if (world.lostTasks().contains(id)) {
      refused.add(number); // The server knows the number, and that is all that is left.
      return;
    }
    Long before = acked.put(number, id);
    if (before != null && before != id) {
      world.fail("a number became two tasks: number=" + number + " " + before + " and " + id);
    }
  }

  private void onResult(TaskResult result) {
    if (world.lostTasks().contains(result.getTaskId())) {
      return;
    }
    if (result.getState() == TaskState.TASK_STATE_UNSPECIFIED) {
      world.fail("a client was told that its task is not known: " + result);
      return;
    }
    TaskResult before = results.put(result.getTaskId(), result);
    if (before != null
        && (before.getState() != result.getState()
            || !before.getResult().equals(result.getResult()))) {
      world.fail("a client was told two results: " + before + " and " + result);
    }
  }

  @Override
  public String toString() {
    return "session="
        + session
        + " wanted="
        + specs.size()
        + " acked="
        + acked.size()
        + " results="
        + results.size()
        + " last_end="
        + lastEnd;
  }
}
