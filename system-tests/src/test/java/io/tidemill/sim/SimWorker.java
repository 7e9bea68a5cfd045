package io.tidemill.sim;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.region.Role;
import io.tidemill.v1.Assignment;
import io.tidemill.v1.CancelOrder;
import io.tidemill.v1.DispatchHello;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.HeldLease;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.RegisterWorkerResponse;
import io.tidemill.v1.TaskPartial;
import io.tidemill.v1.TaskProgress;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.TaskStart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A worker that keeps the protocol: holds a result until it has its verdict, sends it again on
 * another stream, registers again when it is told to. What a task does stands in its payload:
 * <code>ok</code>, <code>fail:N</code> (the first N attempts fail), <code>fatal</code>, <code>hang
 * </code> (until it is cancelled, or there is a hurry), <code>return</code> (handed back once).
 */
final class SimWorker {
  private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int UNKNOWN_MAX = 8;

  /** One lease that this worker holds. */
  private static final class Held {
    private final Assignment assignment;
    private boolean started;
    private boolean known;
    private TaskReport report;

    Held(Assignment assignment) {
      this.assignment = assignment;
    }

    long task() {
      return assignment.getTaskId();
    }

    long lease() {
      return assignment.getLease();
    }

    /** Whether it may not begin yet, since its start has to be known first. */
    boolean waits() {
      return assignment.getAnnounceStart() && !known;
    }

    /** Told, and known where it has to be. */
    boolean begun() {
      return started && !waits();
    }

    String payload() {
      return assignment.getPayload().toStringUtf8();
    }
  }

  private final World world;
  private final String id;
  private final List<String> types;
  private final Map<Long, Held> held = new LinkedHashMap<>();
  private final Map<Long, Long> earlyCancels = new LinkedHashMap<>();
  private final List<Held> outbox = new ArrayList<>();
  private final List<Assignment> received = new ArrayList<>();
  private int window;
  private long key;
  private long instance = 1;
  private boolean registering;
  private boolean working = true;
  private boolean hurry;
  private boolean stubborn;
  private boolean dead;
  private boolean silent;
  private boolean draining;
  private long firstNumber = 1;
  private int sent;
  private long lastBeat;
  private int unknown;
  private SimStream<HeartbeatRequest, HeartbeatResponse> heartbeat;
  private SimStream<DispatchRequest, DispatchResponse> dispatch;

  SimWorker(World world, String id, int window, List<String> types) {
    this.world = world;
    this.id = id;
    this.window = window;
    this.types = types;
  }

  // What the test says.

  /** Whether it starts and ends tasks by itself. */
  void working(boolean now) {
    working = now;
  }

  /** A stubborn one does not stop what it has begun, whatever it is told. */
  void stubborn(boolean now) {
    stubborn = now;
  }

  /** Tasks that hang end now. */
  void hurry(boolean now) {
    hurry = now;
    working |= now;
    silent &= !now;
  }

  /** A silent one neither beats nor reports. */
  void silent(boolean now) {
    silent = now;
  }

  void window(int now) {
    window = now;
    if (dispatch != null) {
      dispatch.send(DispatchRequest.newBuilder().setWindow(now).build());
    }
  }

  /** SIGKILL: all that it held is gone with it. */
  void kill() {
    dead = true;
    held.clear();
    outbox.clear();
    earlyCancels.clear();
    disconnect();
  }

  /** It has left, and another process comes under its id. */
  private void comeAgain() {
    draining = false;
    heartbeat = null;
    dispatch = null;
    key = 0;
    revive();
  }

  /** Another process under the same id. */
  void revive() {
    dead = false;
    instance++;
  }

  boolean isDead() {
    return dead;
  }

  /** The network between it and one server breaks. */
  void breakHeartbeat() {
    if (heartbeat != null) {
      heartbeat.cancel();
      heartbeat = null;
    }
  }

  void breakDispatch() {
    if (dispatch != null) {
      dispatch.cancel();
      dispatch = null;
    }
  }

  private void disconnect() {
    breakHeartbeat();
    breakDispatch();
    key = 0;
    registering = false;
  }

  boolean isConnected() {
    return heartbeat != null && dispatch != null;
  }

  /** Holds nothing, and is connected or dead. */
  boolean isIdle() {
    return dead || (held.isEmpty() && outbox.isEmpty() && isConnected());
  }

  /** The tasks that it holds, by lease, whether with a result or without. */
  Map<Long, Long> leases() {
    Map<Long, Long> leases = new LinkedHashMap<>();
    held.forEach((task, lease) -> leases.put(task, lease.lease()));
    return leases;
  }

  List<Assignment> received() {
    return received;
  }

  // Its life.

  /** Does what there is to do; answers whether there was anything but a beat. */
  boolean act() {
    if (dead || silent) {
      return false;
    }
    if (draining && hurry && held.isEmpty()) {
      leave();
      comeAgain();
      return true;
    }
    boolean any = connect();
    if (working) {
      any |= work();
    }
    any |= report();
    if (heartbeat != null && world.clock() - lastBeat >= BEAT_NANOS) {
      beat();
    }
    return any;
  }

  /** Opens what is not open and can be. */
  boolean connect() {
    boolean any = false;
    if (key == 0 && !registering && world.isUp(Role.REGISTER)) {
      register();
      any = true;
    }
    if (key != 0 && heartbeat == null && world.isUp(Role.REGISTER)) {
      openHeartbeat();
      any = true;
    }
    if (key != 0 && dispatch == null && world.isUp(Role.SCHEDULER)) {
      openDispatch();
      any = true;
    }
    return any;
  }

  /** Starts what it holds, and ends what can end. */
  boolean work() {
    boolean any = false;
    for (Held task : List.copyOf(held.values())) {
      any |= task.report == null && work(task);
    }
    return any;
  }

  private boolean work(Held task) {
    String does = task.payload();
    if (!task.started) {
      start(task);
      if (task.waits()) {
        return true; // Until the answer.
      }
    }
    if (task.waits()) {
      return false;
    }
    if (does.equals("hang") && !hurry) {
      return false;
    }
    end(task, does);
    return true;
  }

  private void end(Held task, String does) {
    if (does.startsWith("fail:")
        && task.assignment.getAttempt() <= Integer.parseInt(does.substring(5))) {
      end(task, TaskReport.Kind.KIND_FAILED, "failed as asked");
    } else if (does.equals("fatal")) {
      end(task, TaskReport.Kind.KIND_FAILED_FOR_GOOD, "fatal as asked");
    } else if (does.equals("return") && (int) task.lease() == 1) {
      end(task, TaskReport.Kind.KIND_RETURNED, "");
    } else {
      end(task, TaskReport.Kind.KIND_SUCCEEDED, "");
    }
  }

  /** Tells that a task runs. */
  private void start(Held task) {
    task.started = true;
    if (heartbeat != null) {
      heartbeat.send(
          HeartbeatRequest.newBuilder()
              .setWorkerKey(key)
              .addStarted(
                  TaskStart.newBuilder()
                      .setTaskId(task.task())
                      .setLease(task.lease())
                      .setAwaits(task.waits())
                      .build())
              .build());
    }
  }

  /** Ends everything that it holds in this way, whatever the payloads say. */
  void endAll(TaskReport.Kind kind) {
    for (Held task : List.copyOf(held.values())) {
      if (task.report == null) {
        end(task, kind, kind == TaskReport.Kind.KIND_SUCCEEDED ? "" : "ended as asked");
      }
    }
  }

  /** Starts everything that it holds, and ends nothing. */
  void startAll() {
    held.values().stream().filter(task -> !task.started).forEach(this::start);
  }

  void progress(float fraction) {
    if (heartbeat == null) {
      return;
    }
    for (Held task : held.values()) {
      heartbeat.send(
          HeartbeatRequest.newBuilder()
              .setWorkerKey(key)
              .addProgress(
                  TaskProgress.newBuilder()
                      .setTaskId(task.task())
                      .setLease(task.lease())
                      .setFraction(fraction)
                      .setMessage("on its way"))
              .addPartials(
                  TaskPartial.newBuilder()
                      .setTaskId(task.task())
                      .setLease(task.lease())
                      .setData(ByteString.copyFromUtf8("a line")))
              .build());
    }
  }

  private void end(Held task, TaskReport.Kind kind, String error) {
    task.report =
        TaskReport.newBuilder()
            .setTaskId(task.task())
            .setLease(task.lease())
            .setKind(kind)
            .setResult(
                kind == TaskReport.Kind.KIND_SUCCEEDED
                    ? ByteString.copyFromUtf8(result(task.task(), task.lease()))
                    : ByteString.EMPTY)
            .setError(error)
            .setRunUs(10)
            .build();
    outbox.add(task);
  }

  /** What a lease's result looks like, so that it can be told whose it is. */
  static String result(long task, long lease) {
    return Long.toHexString(task) + "/" + Long.toHexString(lease);
  }

  /** Sends the reports that were not sent on this stream. */
  boolean report() {
    if (heartbeat == null || sent == outbox.size()) {
      return false;
    }
    HeartbeatRequest.Builder message =
        HeartbeatRequest.newBuilder().setWorkerKey(key).setFirstReport(firstNumber + sent);
    outbox.subList(sent, outbox.size()).forEach(task -> message.addReports(task.report));
    sent = outbox.size();
    heartbeat.send(message.build());
    return true;
  }

  void beat() {
    if (heartbeat == null) {
      return;
    }
    lastBeat = world.clock();
    heartbeat.send(HeartbeatRequest.newBuilder().setWorkerKey(key).build());
  }

  void draining() {
    draining = true;
    if (heartbeat != null) {
      heartbeat.send(HeartbeatRequest.newBuilder().setWorkerKey(key).setDraining(true).build());
    }
  }

  /** Says that it goes; it holds nothing. */
  void leave() {
    if (heartbeat != null) {
      heartbeat.send(HeartbeatRequest.newBuilder().setWorkerKey(key).setLeaving(true).build());
    }
    if (dispatch != null) {
      dispatch.halfClose();
    }
    dead = true;
  }

  /** As a process that was paused past its time finds itself: it has to register again. */
  void forgetRegistration() {
    registerAgain();
  }

  // Registration.

  private void register() {
    registering = true;
    RegisterWorkerRequest request =
        RegisterWorkerRequest.newBuilder()
            .setWorkerId(id)
            .setInstanceId(instance)
            .setCapacity(1)
            .addAllTaskTypes(types)
            .setHost("h")
            .setPid(1)
            .build();
    var unused =
        new SimStream<RegisterWorkerRequest, RegisterWorkerResponse>(
            world,
            world.process(Role.REGISTER),
            answer -> {
              world.register().register(request, answer);
              return new Ignored<>();
            },
            new Registration());
  }

  private static final class Ignored<T> implements StreamObserver<T> {
    @Override
    public void onNext(T value) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }

  private final class Registration implements SimStream.Peer<RegisterWorkerResponse> {
    @Override
    public void onMessage(RegisterWorkerResponse answer) {
      if (!dead && registering) {
        key = answer.getWorkerKey();
        unknown = 0;
        firstNumber = 1;
        sent = 0;
      }
    }

    @Override
    public void onEnd(Throwable error) {
      registering = false;
    }
  }

  private void registerAgain() {
    disconnect();
  }

  private static boolean isUnknown(Throwable error) {
    return error != null
        && Status.fromThrowable(error).getCode() == Status.Code.FAILED_PRECONDITION
        && RpcErrors.reason(error).equals("WORKER_UNKNOWN");
  }

  // The heartbeat stream.

  private void openHeartbeat() {
    sent = 0;
    HeartbeatPeer peer = new HeartbeatPeer();
    heartbeat =
        new SimStream<>(
            world,
            world.process(Role.REGISTER),
            answers -> world.register().heartbeat(answers),
            peer);
    peer.stream = heartbeat;
    held.values().forEach(task -> task.started = false);
    beat();
  }

  private final class HeartbeatPeer implements SimStream.Peer<HeartbeatResponse> {
    private SimStream<HeartbeatRequest, HeartbeatResponse> stream;

    @Override
    public void onMessage(HeartbeatResponse message) {
      if (stream == heartbeat) {
        received(message);
      }
    }

    @Override
    public void onEnd(Throwable error) {
      if (stream == heartbeat) {
        heartbeat = null;
        if (isUnknown(error)) {
          registerAgain();
        }
      }
    }
  }

  private void received(HeartbeatResponse message) {
    while (firstNumber <= message.getSettledThrough() && !outbox.isEmpty()) {
      Held settled = outbox.remove(0);
      held.remove(settled.task(), settled);
      firstNumber++;
      sent--;
    }
    message.getStartedList().forEach(this::known);
    message.getCancelsList().forEach(this::cancelled);
    if (message.getPing() && !silent) {
      beat();
    }
    if (message.getRegisterAgain()) {
      registerAgain();
    }
  }

  private void known(HeldLease start) {
    Held task = held.get(start.getTaskId());
    if (task != null && task.lease() == start.getLease()) {
      task.known = true;
    }
  }

  private void cancelled(CancelOrder order) {
    Held task = held.get(order.getTaskId());
    if (task == null) {
      earlyCancels.put(order.getTaskId(), order.getLease());
    } else if (task.lease() == order.getLease()
        && task.report == null
        && !(stubborn && task.begun())
        && !(order.getUnlessStarted() && task.started)) {
      end(task, TaskReport.Kind.KIND_CANCELLED, "");
    }
  }

  // The dispatch stream.

  private void openDispatch() {
    DispatchPeer peer = new DispatchPeer();
    dispatch =
        new SimStream<>(
            world,
            world.process(Role.SCHEDULER),
            answers -> world.scheduler().dispatch(answers),
            peer);
    peer.stream = dispatch;
    DispatchHello.Builder hello = DispatchHello.newBuilder().setWorkerKey(key);
    held.values()
        .forEach(
            task ->
                hello.addHeld(
                    HeldLease.newBuilder().setTaskId(task.task()).setLease(task.lease())));
    dispatch.send(DispatchRequest.newBuilder().setHello(hello).setWindow(window).build());
  }

  private final class DispatchPeer implements SimStream.Peer<DispatchResponse> {
    private SimStream<DispatchRequest, DispatchResponse> stream;

    @Override
    public void onMessage(DispatchResponse message) {
      if (stream == dispatch) {
        unknown = 0;
        message.getAssignmentsList().forEach(SimWorker.this::assigned);
      }
    }

    @Override
    public void onEnd(Throwable error) {
      if (stream == dispatch) {
        dispatch = null;
        if (isUnknown(error) && ++unknown > UNKNOWN_MAX) {
          registerAgain();
        }
      }
    }
  }

  private void assigned(Assignment assignment) {
    received.add(assignment);
    Held before = held.get(assignment.getTaskId());
    if (before != null && Long.compareUnsigned(before.lease(), assignment.getLease()) >= 0) {
      return;
    }
    Held task = new Held(assignment);
    held.put(task.task(), task);
    Long cancelled = earlyCancels.remove(task.task());
    if (cancelled != null && cancelled == task.lease()) {
      end(task, TaskReport.Kind.KIND_CANCELLED, "");
    }
  }

  @Override
  public String toString() {
    return id + (dead ? " dead" : isConnected() ? "" : " disconnected") + " holds=" + held.size();
  }
}
