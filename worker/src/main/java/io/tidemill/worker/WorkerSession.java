package io.tidemill.worker;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.Backoff;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.DispatchServiceGrpc;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.HeldLease;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.RegisterWorkerResponse;
import io.tidemill.v1.Verdict;
import io.tidemill.v1.WorkerServiceGrpc;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's relation to the two servers: registers, keeps one heartbeat and one dispatch stream
 * open, and opens each again by itself when it breaks. A new registration takes everything held
 * along: the server decides by the leases.
 *
 * <p>State is the control thread's alone; callbacks hand over to it, except for tasks, verdicts and
 * cancellations, which are dealt with on the transport's thread.
 */
final class WorkerSession implements HeartbeatLink.Listener, DispatchLink.Listener {
  private static final Logger LOG = LoggerFactory.getLogger("io.tidemill.worker");
  private static final long REGISTER_DEADLINE_SECONDS = 10;
  private static final long END_DISPATCH_MILLIS = 2_000;
  private static final long STEADY_NANOS = TimeUnit.SECONDS.toNanos(1);
  // The Main Scheduler may hear of a registration a little after the worker does.
  private static final int UNKNOWN_TO_DISPATCH_MAX = 8;

  /** The rest of the worker. */
  interface Owner {
    int window();

    /** The server will send what it says. */
    void registered(Registration registration);

    /** The first registration was refused for good. */
    void refused(WorkerEnd end);

    void drainOrdered();

    void settledSome();

    /** After {@link #endDispatch}: nothing more will be assigned. */
    void dispatchOver();

    /** After {@link #leave}: the stream that told it has ended. */
    void heartbeatGone();
  }

  private final WorkerOptions options;
  private final ScheduledExecutorService control;
  private final HeldTasks held;
  private final Outbox outbox;
  private final ReportSender sender;
  private final Owner owner;
  private final long instanceId = 1 + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
  private final ServerChannel register;
  private final Backoff registerBackoff = ServerChannel.newBackoff();
  private final Backoff heartbeatBackoff = ServerChannel.newBackoff();
  private final Backoff dispatchBackoff = ServerChannel.newBackoff();

  private ServerChannel dispatch;
  private Registration registration;
  private long registrations;
  private boolean registering;
  private boolean closed;
  private HeartbeatLink heartbeatLink;
  private volatile DispatchLink dispatchLink;
  private int unknownToDispatch;
  private boolean dispatchEnding;
  private ScheduledFuture<?> beats;

  WorkerSession(
      WorkerOptions options,
      ScheduledExecutorService control,
      HeldTasks held,
      Outbox outbox,
      ReportSender sender,
      Owner owner) {
    this.options = options;
    this.control = control;
    this.held = held;
    this.outbox = outbox;
    this.sender = sender;
    this.owner = owner;
    this.register = new ServerChannel(options.registerAddress(), options.access(), control);
  }

  // ---- registration

  void start() {
    register();
  }

  private void register() {
    if (registering || closed) {
      return;
    }
    registering = true;
    WorkerServiceGrpc.newStub(register.channel)
        .withWaitForReady()
        .withDeadlineAfter(REGISTER_DEADLINE_SECONDS, TimeUnit.SECONDS)
        .registerWorker(registerRequest(), new RegisterAnswer());
  }

  private RegisterWorkerRequest registerRequest() {
    return options.offer().toBuilder()
        .setWorkerId(options.workerId())
        .setInstanceId(instanceId)
        .setCapacity(options.capacity())
        .addAllTaskTypes(options.handlers().keySet())
        .setHost(hostName())
        .setPid((int) ProcessHandle.current().pid())
        .build();
  }

  static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private final class RegisterAnswer implements StreamObserver<RegisterWorkerResponse> {
    private RegisterWorkerResponse answer;

    @Override
    public void onNext(RegisterWorkerResponse value) {
      answer = value;
    }

    @Override
    public void onError(Throwable error) {
      Control.run(control, () -> notRegistered(error));
    }

    @Override
    public void onCompleted() {
      Control.run(control, () -> nowRegistered(answer));
    }
  }

  private void nowRegistered(RegisterWorkerResponse answer) {
    registering = false;
    if (closed) {
      return;
    }
    registerBackoff.reset();
    registration = Registration.of(++registrations, answer, options.registerAddress());
    outbox.renumber(registration.number(), held::settled);
    owner.registered(registration);
    useDispatchAddress(registration.dispatchAddress());
    unknownToDispatch = 0;
    openHeartbeat();
    openDispatch();
    scheduleBeats();
    options
        .onRegistered()
        .accept(
            "registered: worker="
                + options.workerId()
                + " register="
                + options.registerAddress()
                + " scheduler="
                + registration.dispatchAddress()
                + " capacity="
                + options.capacity());
  }

  private void notRegistered(Throwable error) {
    registering = false;
    Status status = Status.fromThrowable(error);
    if (registrations == 0 && endsWorker(status)) {
      owner.refused(refusal(status));
      return;
    }
    long delay = registerBackoff.nextMillis();
    LOG.info(
        "not registered: register={} status={} reason={}; tried again in {} ms",
        options.registerAddress(),
        status.getCode(),
        describe(status),
        delay);
    Control.after(control, delay, this::register);
  }

  /** Of the first registration only: later on, whoever stands in the way will go. */
  private static boolean endsWorker(Status status) {
    return switch (status.getCode()) {
      case ALREADY_EXISTS, INVALID_ARGUMENT, UNIMPLEMENTED, PERMISSION_DENIED, UNAUTHENTICATED ->
          true;
      default -> false;
    };
  }

  private WorkerEnd refusal(Status status) {
    String facts =
        "worker=" + options.workerId() + " register=" + options.registerAddress() + " answer=";
    return status.getCode() == Status.Code.ALREADY_EXISTS
        ? new WorkerEnd(
            WorkerEnd.Kind.ID_TAKEN,
            "another live worker has this id: "
                + facts
                + describe(status)
                + "; choose another id or stop that worker")
        : new WorkerEnd(
            WorkerEnd.Kind.REFUSED,
            "the Register refused this worker: "
                + facts
                + status.getCode()
                + " "
                + describe(status)
                + "; correct what it names, or the address");
  }

  private static String describe(Status status) {
    return status.getDescription() == null ? "" : status.getDescription();
  }

  private void registerAgain(String why) {
    if (closed || registration == null) {
      return;
    }
    LOG.info("registering again: worker={} why={}", options.workerId(), why);
    registration = null;
    dropStreams(why);
    Control.after(control, registerBackoff.nextMillis(), this::register);
  }

  private void dropStreams(String why) {
    HeartbeatLink heartbeat = heartbeatLink;
    DispatchLink tasks = dispatchLink;
    heartbeatLink = null;
    dispatchLink = null;
    sender.use(null);
    if (heartbeat != null) {
      heartbeat.cancel(why);
    }
    if (tasks != null) {
      tasks.cancel(why);
    }
  }

  // ---- the heartbeat stream

  private void openHeartbeat() {
    if (closed || registration == null || heartbeatLink != null) {
      return;
    }
    HeartbeatLink link = new HeartbeatLink(registration, this);
    heartbeatLink = link;
    WorkerServiceGrpc.newStub(register.channel).withWaitForReady().heartbeat(link);
    sender.use(link);
  }

  private void scheduleBeats() {
    if (beats != null) {
      beats.cancel(false);
    }
    long interval = registration.beatIntervalMillis();
    beats = Control.every(control, interval, this::beat);
    sender.beat();
  }

  private void beat() {
    sender.beat();
    adaptWindow();
  }

  @Override
  public void ready() {
    sender.wake();
  }

  @Override
  public void received(HeartbeatLink link, HeartbeatResponse message) {
    long number = link.registration.number();
    for (Verdict verdict : message.getExceptionsList()) {
      HeldTask named = outbox.named(number, verdict.getReport());
      if (named != null) {
        LOG.info(
            "result not recorded: task={} kind={} message={}",
            io.tidemill.rpc.TaskIds.format(named.taskId),
            verdict.getKind(),
            verdict.getMessage());
        options.onNotRecorded().accept(verdict);
      }
    }
    if (message.getSettledThrough() != 0) {
      outbox.settle(number, message.getSettledThrough(), held::settled);
      owner.settledSome();
    }
    message.getStartedList().forEach(held::started);
    message.getCancelsList().forEach(held::cancel);
    if (message.getPing()) {
      sender.beat();
    }
    if (message.getDrain()) {
      Control.run(control, owner::drainOrdered);
    }
    if (message.getRegisterAgain()) {
      Control.run(control, () -> overFor(link, "the Register asked for it"));
    }
  }

  private void overFor(HeartbeatLink link, String why) {
    if (link == heartbeatLink) {
      registerAgain(why);
    }
  }

  @Override
  public void ended(HeartbeatLink link, Throwable error) {
    Control.run(control, () -> heartbeatEnded(link, error));
  }

  private void heartbeatEnded(HeartbeatLink link, Throwable error) {
    if (link != heartbeatLink) {
      return;
    }
    heartbeatLink = null;
    sender.use(null);
    if (closed) {
      owner.heartbeatGone();
      return;
    }
    if (isUnknown(error)) {
      registerAgain("the Register does not know this registration");
      return;
    }
    if (link.heard || System.nanoTime() - link.openedNanos > STEADY_NANOS) {
      heartbeatBackoff.reset();
    }
    long delay = heartbeatBackoff.nextMillis();
    logEnded("heartbeat", register, error, delay);
    Control.after(control, delay, this::openHeartbeat);
  }

  private static boolean isUnknown(Throwable error) {
    return error != null
        && Status.fromThrowable(error).getCode() == Status.Code.FAILED_PRECONDITION
        && RpcErrors.reason(error).equals("WORKER_UNKNOWN");
  }

  private static void logEnded(String stream, ServerChannel server, Throwable error, long delay) {
    LOG.info(
        "stream ended: stream={} server={} status={}; opened again in {} ms",
        stream,
        server.address,
        error == null ? "OK" : Status.fromThrowable(error),
        delay);
  }

  // ---- the dispatch stream

  private void useDispatchAddress(String address) {
    if (dispatch != null && dispatch.address.equals(address)) {
      return;
    }
    if (dispatch != null) {
      dispatch.close();
    }
    dispatch = new ServerChannel(address, options.access(), control);
  }

  private void openDispatch() {
    if (closed || dispatchEnding || registration == null || dispatchLink != null) {
      return;
    }
    DispatchLink link = new DispatchLink(registration, owner.window(), this);
    dispatchLink = link;
    DispatchServiceGrpc.newStub(dispatch.channel).withWaitForReady().dispatch(link);
  }

  void adaptWindow() {
    DispatchLink link = dispatchLink;
    if (link != null) {
      link.want(owner.window());
    }
  }

  @Override
  public List<HeldLease> heldLeases() {
    return held.leases();
  }

  @Override
  public void received(DispatchLink link, DispatchResponse message) {
    held.accept(message.getAssignmentsList());
    message.getRecallsList().forEach(held::recall);
  }

  @Override
  public void ended(DispatchLink link, Throwable error) {
    Control.run(control, () -> dispatchEnded(link, error));
  }

  private void dispatchEnded(DispatchLink link, Throwable error) {
    if (link != dispatchLink) {
      return;
    }
    dispatchLink = null;
    if (closed) {
      return;
    }
    if (dispatchEnding) {
      owner.dispatchOver();
      return;
    }
    unknownToDispatch = isUnknown(error) ? unknownToDispatch + 1 : 0;
    if (unknownToDispatch > UNKNOWN_TO_DISPATCH_MAX) {
      registerAgain("the Main Scheduler does not know this registration");
      return;
    }
    if (link.heard || System.nanoTime() - link.openedNanos > STEADY_NANOS) {
      dispatchBackoff.reset();
    }
    long delay = dispatchBackoff.nextMillis();
    logEnded("dispatch", dispatch, error, delay);
    Control.after(control, delay, this::openDispatch);
  }

  // ---- the end

  boolean isHeartbeatOpen() {
    return heartbeatLink != null;
  }

  /**
   * Wants nothing more from the Main Scheduler, which may have assigned something in this moment:
   * that comes before the end of the stream, of which the owner is told.
   *
   * @return whether the stream is over, so that nothing can come any more
   */
  boolean endDispatch() {
    DispatchLink tasks = dispatchLink;
    if (!dispatchEnding && tasks != null) {
      tasks.halfClose();
      Control.after(control, END_DISPATCH_MILLIS, () -> endDispatchAnyway(tasks));
    }
    dispatchEnding = true;
    return tasks == null;
  }

  /** A Main Scheduler that does not answer cannot assign either; the Register voids what it had. */
  private void endDispatchAnyway(DispatchLink tasks) {
    if (tasks == dispatchLink && !closed) {
      tasks.cancel("the worker leaves");
      dispatchEnded(tasks, null);
    }
  }

  /** Nothing is held any more, and nothing comes: says so. */
  void leave() {
    closed = true;
    sender.leave();
  }

  void close() {
    closed = true;
    if (beats != null) {
      beats.cancel(false);
    }
    dropStreams("the worker ends");
    register.close();
    if (dispatch != null) {
      dispatch.close();
    }
  }
}
