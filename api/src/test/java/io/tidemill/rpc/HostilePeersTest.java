package io.tidemill.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.rpc.RetryInfo;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.hostile.Attack;
import io.tidemill.rpc.hostile.RawPeer;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskServiceGrpc.TaskServiceBlockingStub;
import io.tidemill.v1.TaskServiceGrpc.TaskServiceFutureStub;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.WaitTaskRequest;
import io.tidemill.v1.WaitTaskResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every peer here breaks a rule; an honest one is served beside and after each. */
@Timeout(60)
class HostilePeersTest {
  private static final String SUBMIT = "/tidemill.v1.TaskService/SubmitTask";
  private static final String GET = "/tidemill.v1.TaskService/GetTask";
  private static final String SESSION = "/tidemill.v1.TaskService/Session";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private GuardedServer server;
  private ManagedChannel channel;
  private final List<RawPeer> peers = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = new GuardedServer();
    channel = server.channel();
    serves();
  }

  @AfterEach
  void stop() throws IOException {
    serves();
    for (RawPeer peer : peers) {
      peer.close();
    }
    channel.shutdownNow();
    server.close();
  }

  private TaskServiceBlockingStub stub() {
    return TaskServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  /** An honest client gets its answer. */
  private void serves() {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> stub().submitTask(SubmitTaskRequest.getDefaultInstance()).getTaskId() == 1);
  }

  private RawPeer peer() throws IOException {
    RawPeer peer = RawPeer.http2(server.port());
    peers.add(peer);
    return peer;
  }

  @ParameterizedTest
  @EnumSource(Attack.class)
  void cutsOffWhoever(Attack attack) throws Exception {
    assertThat(attack.run(server.port(), 20)).isLessThan(20_000);
    serves();
  }

  // Connections.

  @Test
  void closesConnectionsBeyondTheAddressesLimitAndTakesOthersWhenThoseEnd() throws Exception {
    for (int i = 0; i < GuardedServer.LIMITS.connectionsPerAddress() + 10; i++) {
      peer();
    }

    await().atMost(PATIENCE).until(() -> peers.stream().filter(RawPeer::isClosed).count() == 11);
    for (RawPeer peer : peers) {
      peer.close();
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              RawPeer late = peer();
              late.call(1, SUBMIT);
              late.data(1, true, RawPeer.message());
              await().atMost(Duration.ofSeconds(1)).until(() -> late.isEnded(1));
            });
  }

  // Calls.

  @Test
  void refusesCallsBeyondTheLimitWithATimeToTryAgain() {
    List<ManagedChannel> channels = List.of(server.channel(), server.channel());
    channels.forEach(
        other -> {
          for (int i = 0; i < 15; i++) {
            var unused =
                TaskServiceGrpc.newFutureStub(other).waitTask(WaitTaskRequest.getDefaultInstance());
          }
        });
    await().atMost(PATIENCE).until(() -> server.service.waiting.size() == 30);

    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> stub().submitTask(SubmitTaskRequest.getDefaultInstance()));

    assertRefused(refused, "CALLS_FULL");
    channels.forEach(ManagedChannel::shutdownNow);
    await().atMost(PATIENCE).until(() -> server.service.waiting.isEmpty());
  }

  private static void assertRefused(StatusRuntimeException error, String reason) {
    assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(RpcErrors.reason(error)).isEqualTo(reason);
    assertThat(StatusProto.fromThrowable(error).getDetailsList())
        .anyMatch(detail -> detail.is(RetryInfo.class));
  }

  @Test
  void resetsCallsThatOneConnectionHasTooManyOf() throws Exception {
    RawPeer peer = peer();
    int limit = GuardedServer.LIMITS.callsPerConnection();
    for (int i = 0; i <= limit; i++) {
      peer.call(1 + 2 * i, SESSION);
    }
    await().atMost(PATIENCE).until(() -> peer.isEnded(1 + 2 * limit) || peer.isClosed());
    assertThat(server.service.sessions).hasSizeLessThanOrEqualTo(limit);
  }

  /** As where a server is slow, and its client's attempts time out. */
  @Test
  void holdsNothingForCallsThatWereGivenUpBeforeTheyWereAnswered() {
    int calls = GuardedServer.LIMITS.callsPerConnection() / 2;
    TaskServiceFutureStub stub = TaskServiceGrpc.newFutureStub(channel);
    List<Future<WaitTaskResponse>> given =
        IntStream.range(0, calls)
            .<Future<WaitTaskResponse>>mapToObj(
                i -> stub.waitTask(WaitTaskRequest.getDefaultInstance()))
            .toList();
    await().atMost(PATIENCE).until(() -> server.service.waiting.size() == calls);
    List<StreamObserver<WaitTaskResponse>> late = List.copyOf(server.service.waiting);
    given.forEach(call -> call.cancel(true));
    await().atMost(PATIENCE).until(() -> server.service.waiting.isEmpty());

    for (StreamObserver<WaitTaskResponse> answer : late) {
      answer.onNext(WaitTaskResponse.getDefaultInstance());
      answer.onCompleted();
    }

    await().atMost(PATIENCE).until(() -> server.guard.responseBytes() == 0);
  }

  // Memory: requests.

  @Test
  void refusesRequestsThatFindNoRoomAndTakesThemWhenThereIs() throws Exception {
    byte[] beginning = new byte[] {0, 0, 15, 0, 0, 0};
    RawPeer first = peer();
    RawPeer second = peer();
    for (RawPeer peer : List.of(first, second)) {
      peer.call(1, SUBMIT);
      peer.data(1, false, beginning);
    }
    await().atMost(PATIENCE).until(() -> server.guard.requestBytes() > (3 << 19));

    StatusRuntimeException refused = submit(512 << 10);
    assertRefused(refused, "REQUEST_BYTES_FULL");
    assertThat(server.service.submitted).hasValue(1);
    assertThat(submit(1_000)).describedAs("short ones find room").isNull();

    first.awaitClosed(20);
    second.awaitClosed(20);
    await().atMost(PATIENCE).until(() -> server.guard.requestBytes() == 0);
    assertThat(submit(512 << 10)).isNull();
  }

  private StatusRuntimeException submit(int bytes) {
    TaskSpec spec = TaskSpec.newBuilder().setPayload(ByteString.copyFrom(new byte[bytes])).build();
    return catchThrowableOfType(
        StatusRuntimeException.class,
        () -> stub().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()));
  }

  @Test
  void letsStreamsThatFindNoRoomWaitAndReadsThemWhenThereIs() throws Exception {
    RawPeer holder = peer();
    for (int stream = 1; stream < 5; stream += 2) {
      holder.call(stream, SUBMIT);
      holder.data(stream, false, new byte[] {0, 0, 15, 0, 0, 0});
    }
    await().atMost(PATIENCE).until(() -> server.guard.requestBytes() > (3 << 19));
    RawPeer waiter = peer();
    waiter.call(1, SESSION);
    waiter.data(1, false, RawPeer.message(new byte[] {10, 0}));

    // An `open`, and a run of tasks with one payload, behind what is held.
    waiter.data(1, true, runOfOne(500_000));

    holder.awaitClosed(20);
    await().atMost(PATIENCE).until(() -> waiter.isEnded(1));
    await().atMost(PATIENCE).until(() -> server.guard.requestBytes() == 0);
  }

  /** A message of a session that submits one task. */
  private static byte[] runOfOne(int payloadBytes) {
    TaskSpec.Builder task =
        TaskSpec.newBuilder().setPayload(ByteString.copyFrom(new byte[payloadBytes]));
    SessionRequest request =
        SessionRequest.newBuilder().setSubmit(SubmitRun.newBuilder().addTasks(task)).build();
    return RawPeer.message(request.toByteArray());
  }

  @Test
  void goesOnWithAStreamWhoseFramesNeverEndWithAMessage() throws Exception {
    byte[] message = runOfOne(20_000);
    RawPeer sender = peer();
    sender.call(1, SESSION);
    sender.frame(RawPeer.DATA, 0, 1, Arrays.copyOf(message, 1));

    // Each frame has the rest of one message and the first byte of the next, for longer than one
    // message may take and with more bytes than the server may hold.
    byte[] frame = new byte[message.length];
    System.arraycopy(message, 1, frame, 0, message.length - 1);
    frame[message.length - 1] = message[0];
    int frames = 2 * GuardedServer.REQUEST_BYTES / frame.length;
    long gapMillis = 3 * GuardedServer.LIMITS.receiveMillis() / frames;
    for (int i = 0; i < frames; i++) {
      assertThat(sender.frame(RawPeer.DATA, 0, 1, Arrays.copyOf(frame, 16_000))).isTrue();
      byte[] rest = Arrays.copyOfRange(frame, 16_000, frame.length);
      assertThat(sender.frame(RawPeer.DATA, 0, 1, rest)).isTrue();
      TimeUnit.MILLISECONDS.sleep(gapMillis); // it is to take as long as that
    }
    assertThat(sender.isClosed()).as("it was cut off").isFalse();
    await().atMost(PATIENCE).until(() -> server.guard.requestBytes() <= message.length);
    sender.close();
    await().atMost(PATIENCE).until(() -> server.guard.requestBytes() == 0);
  }

  /** What comes for a call that has ended is passed over by HTTP/2, and is no frame of any call. */
  @Test
  void leavesAnIdleConnectionAloneWhoseLastFrameWasForACallThatHadEnded() throws Exception {
    RawPeer peer = peer();
    peer.call(1, SUBMIT);
    peer.data(1, true, RawPeer.message());
    await().atMost(PATIENCE).until(() -> peer.isEnded(1));
    peer.frame(RawPeer.WINDOW_UPDATE, 0, 1, new byte[] {0, 0, 0, 1});
    TimeUnit.MILLISECONDS.sleep(
        2 * GuardedServer.LIMITS.receiveMillis()); // it is to be idle so long
    peer.call(3, SUBMIT);
    peer.data(3, true, RawPeer.message());
    await().atMost(PATIENCE).until(() -> peer.isEnded(3));
    assertThat(peer.isClosed()).isFalse();
  }

  @Test
  void holdsNoMoreThanItsLimitHoweverManyConnectionsFillTheirWindows() throws Exception {
    byte[] half = new byte[GuardedServer.MESSAGE_BYTES_MAX / 2];
    java.nio.ByteBuffer.wrap(half).put((byte) 0).putInt(GuardedServer.MESSAGE_BYTES_MAX - 5);
    long most = 0;
    for (int i = 0; i < 30; i++) {
      RawPeer peer = peer();
      for (int stream = 1; stream < 20; stream += 2) {
        // No stream that is open and idle, which anybody may have: they would be all that there may
        // be.
        peer.call(stream, i % 2 == 1 && stream == 1 ? SESSION : SUBMIT);
        new Thread(() -> peer.data(1, false, half)).start();
        most = Math.max(most, server.guard.requestBytes());
      }
    }
    await()
        .atMost(PATIENCE)
        .until(() -> peers.stream().allMatch(peer -> peer.isClosed() || peer.isEnded(1)));

    assertThat(most).isLessThanOrEqualTo(3L * GuardedServer.REQUEST_BYTES);
    await().atMost(PATIENCE).until(() -> server.guard.requestBytes() == 0);
  }

  @Test
  void cutsOffStreamsThatNobodyReadsWhenOthersWantTheirRoom() throws Exception {
    byte[] open = RawPeer.message(new byte[] {10, 0});
    byte[] more =
        RawPeer.message(new byte[60_000]); // within the window that all streams begin with
    for (int i = 0; i < 13; i++) {
      RawPeer peer = peer();
      for (int stream = 1; stream < 5; stream += 2) {
        peer.call(stream, SESSION);
        peer.data(stream, false, open);
        peer.data(stream, false, more);
      }
    }
    await().atMost(PATIENCE).until(() -> server.guard.requestBytes() > 26 * 60_000);
    assertThat(peers).noneMatch(RawPeer::isClosed);
    await().atMost(PATIENCE).until(() -> submit(1_000_000) == null);
    assertThat(peers).anyMatch(RawPeer::isClosed);
  }

  // Memory: answers.

  @Test
  void refusesCallsOfWhoeverDoesNotTakeItsAnswersAndCutsItOff() throws Exception {
    for (int i = 0; i < 20; i++) {
      RawPeer peer = RawPeer.deaf(server.port());
      peers.add(peer);
      for (int stream = 1; stream < 40; stream += 2) {
        peer.call(stream, GET);
        peer.data(stream, true, RawPeer.message());
      }
    }

    await().atMost(PATIENCE).until(() -> server.guard.responseBytes() > 0);
    await()
        .during(Duration.ofMillis(500))
        .atMost(PATIENCE)
        .until(() -> server.guard.responseBytes() <= 2L * GuardedServer.RESPONSE_BYTES);
    assertThat(server.service.got.get()).isLessThan(20 * 4);
    assertThat(stub().getTask(GetTaskRequest.getDefaultInstance()).getTask().getResult().size())
        .isEqualTo(GuardedServer.ANSWER_BYTES);
  }

  @Test
  void cutsOffWhomThereIsNoMemoryToAnswerAndGoesOn() throws Exception {
    ManagedChannel channel = server.channel();
    try {
      Iterator<Task> answers =
          ClientCalls.blockingServerStreamingCall(
              channel,
              GuardedServer.UNWRITABLE,
              CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
              Task.getDefaultInstance());
      assertThat(catchThrowable(answers::hasNext)).isInstanceOf(StatusRuntimeException.class);
    } finally {
      channel.shutdownNow();
    }
    assertThat(server.unwritableSaid.get(20, TimeUnit.SECONDS)).isEqualTo("went on");
    assertThat(submit(10)).isNull();
    await().atMost(PATIENCE).until(() -> server.guard.responseBytes() == 0);
  }

  // Messages.

  @Test
  void refusesMessagesThatSayTheyAreTooLongAndGoesOnWithTheConnection() throws Exception {
    RawPeer peer = peer();
    peer.call(1, SUBMIT);
    peer.data(1, false, new byte[] {0, 127, -1, -1, -1, 0});
    await().atMost(PATIENCE).until(() -> peer.isEnded(1));
    peer.call(3, SUBMIT);
    peer.data(3, true, RawPeer.message());
    await().atMost(PATIENCE).until(() -> peer.isEnded(3));
    assertThat(peer.isClosed()).isFalse();
  }

  @Test
  void refusesWhatIsNoMessage() {
    for (byte[] bytes :
        List.of(
            new byte[] {10, 127, 1},
            new byte[] {-1, -1, -1},
            nested(200),
            new byte[] {11, 11, 11, 11})) {
      StatusRuntimeException error = sendRaw(bytes);
      assertThat(error.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(RpcErrors.reason(error)).isEqualTo("REQUEST_MALFORMED");
      assertThat(error.getStatus().getDescription()).contains("; ");
    }
    assertThat(server.service.submitted).hasValue(1);
  }

  /** Groups of field 15 within groups. */
  private static byte[] nested(int depth) {
    byte[] bytes = new byte[depth];
    java.util.Arrays.fill(bytes, (byte) 123);
    return bytes;
  }

  @Test
  void refusesRequestsThatWouldBecomeVeryManyObjects() {
    List<TaskSpec> many =
        Collections.nCopies(MessageGuard.FIELDS_MAX + 1, TaskSpec.getDefaultInstance());

    StatusRuntimeException error =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> stub().submitTasks(SubmitTasksRequest.newBuilder().addAllTasks(many).build()));

    assertThat(RpcErrors.reason(error)).isEqualTo("REQUEST_TOO_COMPLEX");
    assertThat(server.service.submitted).hasValue(1);
  }

  @Test
  void refusesHeadersThatAreTooLong() throws Exception {
    RawPeer peer = peer();
    java.io.ByteArrayOutputStream block = new java.io.ByteArrayOutputStream();
    block.writeBytes(RawPeer.headers(SUBMIT));
    RawPeer.header(block, "x", "y".repeat(15_000));
    peer.frame(RawPeer.HEADERS, RawPeer.END_HEADERS, 1, block.toByteArray());
    RawPeer.header(block, "z", "y".repeat(3_000));
    byte[] all = block.toByteArray();
    int cut = 16_000;
    peer.frame(RawPeer.HEADERS, 0, 3, java.util.Arrays.copyOf(all, cut));
    peer.frame(
        RawPeer.CONTINUATION,
        RawPeer.END_HEADERS,
        3,
        java.util.Arrays.copyOfRange(all, cut, all.length));
    await().atMost(PATIENCE).until(() -> peer.isEnded(3) || peer.isClosed());
  }

  private StatusRuntimeException sendRaw(byte[] bytes) {
    MethodDescriptor<byte[], SubmitTaskResponse> method =
        TaskServiceGrpc.getSubmitTaskMethod().toBuilder(
                new Bytes(), TaskServiceGrpc.getSubmitTaskMethod().getResponseMarshaller())
            .build();
    return catchThrowableOfType(
        StatusRuntimeException.class,
        () ->
            ClientCalls.blockingUnaryCall(
                channel,
                method,
                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                bytes));
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] bytes) {
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException("only sent");
    }
  }
}
