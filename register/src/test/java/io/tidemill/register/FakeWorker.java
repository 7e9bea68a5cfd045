package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.Transport;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.region.WorkerKey;
import io.tidemill.v1.CancelOrder;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.HeldLease;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.RegisterWorkerResponse;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.Verdict;
import io.tidemill.v1.WorkerServiceGrpc;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A worker that does what the test says, on a connection of its own. */
final class FakeWorker {
  private final Plant plant;
  private final String id;
  private final long instanceId;
  private final ManagedChannel channel;
  private final List<HeartbeatResponse> heard = new CopyOnWriteArrayList<>();
  private volatile Throwable error;
  private volatile boolean completed;
  private volatile boolean answersPings;
  private StreamObserver<HeartbeatRequest> up;
  private long key;
  private long nextReport = 1;

  FakeWorker(Plant plant, String id, long instanceId) {
    this.plant = plant;
    this.id = id;
    this.instanceId = instanceId;
    this.channel =
        Transport.channel("127.0.0.1:" + plant.settings.text(Key.PORT_REGISTER), 16 << 20);
  }

  RegisterWorkerRequest.Builder request() {
    return RegisterWorkerRequest.newBuilder()
        .setWorkerId(id)
        .setInstanceId(instanceId)
        .setCapacity(4)
        .addTaskTypes("echo")
        .setHost("here")
        .setPid(7);
  }

  RegisterWorkerResponse register() {
    RegisterWorkerResponse response =
        WorkerServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .registerWorker(request().build());
    key = response.getWorkerKey();
    nextReport = 1;
    return response;
  }

  /** Opens a heartbeat stream and waits until the Register has it. */
  void connect() {
    open();
    plant.others.wakeRegister();
    awaitBeatTaken();
  }

  void open() {
    error = null;
    completed = false;
    heard.clear();
    up =
        WorkerServiceGrpc.newStub(channel)
            .heartbeat(
                new StreamObserver<>() {
                  @Override
                  public void onNext(HeartbeatResponse message) {
                    heard.add(message);
                    if (message.getPing() && answersPings) {
                      send(HeartbeatRequest.newBuilder());
                    }
                  }

                  @Override
                  public void onError(Throwable broken) {
                    error = broken;
                  }

                  @Override
                  public void onCompleted() {
                    completed = true;
                  }
                });
    send(HeartbeatRequest.newBuilder().setWorkerKey(key));
  }

  /** A beat was taken after this was called. */
  void awaitBeatTaken() {
    long before = plant.now();
    await()
        .atMost(Plant.PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(error).isNull();
              if (plant.others.regions.workers().lastBeat(row()) - before < 0) {
                send(HeartbeatRequest.newBuilder());
              }
              assertThat(plant.others.regions.workers().lastBeat(row()) - before).isPositive();
            });
  }

  void answersPings() {
    answersPings = true;
  }

  synchronized void send(HeartbeatRequest.Builder message) {
    up.onNext(message.build());
  }

  void halfClose() {
    up.onCompleted();
  }

  /** Sends reports under the next numbers; answers the last number. */
  long report(TaskReport... reports) {
    long first = nextReport;
    nextReport += reports.length;
    reportAgain(first, reports);
    return nextReport - 1;
  }

  void reportAgain(long first, TaskReport... reports) {
    send(HeartbeatRequest.newBuilder().setFirstReport(first).addAllReports(List.of(reports)));
    nextReport = Math.max(nextReport, first + reports.length);
  }

  /** Reports, and waits for the verdicts: the exceptions among them. */
  List<Verdict> settle(TaskReport... reports) {
    int seen = exceptions().size();
    awaitSettled(report(reports));
    return exceptions().subList(seen, exceptions().size());
  }

  void awaitSettled(long through) {
    await()
        .atMost(Plant.PATIENCE)
        .untilAsserted(() -> assertThat(settledThrough()).isGreaterThanOrEqualTo(through));
  }

  static TaskReport success(Others.Leased task, String result) {
    return of(task, TaskReport.Kind.KIND_SUCCEEDED)
        .setResult(ByteString.copyFromUtf8(result))
        .build();
  }

  static TaskReport failure(Others.Leased task, String error) {
    return of(task, TaskReport.Kind.KIND_FAILED).setError(error).build();
  }

  static TaskReport.Builder of(Others.Leased task, TaskReport.Kind kind) {
    return TaskReport.newBuilder()
        .setTaskId(task.id())
        .setLease(task.lease())
        .setKind(kind)
        .setRunUs(10);
  }

  long settledThrough() {
    return heard.stream().mapToLong(HeartbeatResponse::getSettledThrough).max().orElse(0);
  }

  List<Verdict> exceptions() {
    return heard.stream().flatMap(message -> message.getExceptionsList().stream()).toList();
  }

  List<CancelOrder> cancels() {
    return heard.stream().flatMap(message -> message.getCancelsList().stream()).toList();
  }

  /** The starts that it waited for and that are known. */
  List<HeldLease> starts() {
    return heard.stream().flatMap(message -> message.getStartedList().stream()).toList();
  }

  boolean heardDrain() {
    return heard.stream().anyMatch(HeartbeatResponse::getDrain);
  }

  boolean heardRegisterAgain() {
    return heard.stream().anyMatch(HeartbeatResponse::getRegisterAgain);
  }

  boolean heardPing() {
    return heard.stream().anyMatch(HeartbeatResponse::getPing);
  }

  Throwable error() {
    return error;
  }

  boolean isCompleted() {
    return completed;
  }

  long key() {
    return key;
  }

  int row() {
    return WorkerKey.row(key);
  }

  long incarnation() {
    return WorkerKey.incarnation(key);
  }

  /** As the death of its process does. */
  void kill() {
    channel.shutdownNow();
  }
}
