package io.tidemill.rpc.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.CancelTaskRequest;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.DispatchResponse;
import io.tidemill.v1.DispatchServiceGrpc;
import io.tidemill.v1.DrainWorkerRequest;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SetPriorityRequest;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.WorkerServiceGrpc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens over real sockets: who gets in, who does not, and when an open stream ends. */
class TokenTest {
  private static final Duration PROMISED = Duration.ofSeconds(5); // 2 s, and a loaded machine

  @TempDir Path data;
  private AccessFile file;
  private SecuredServer server;
  private String submit;
  private String admin;

  @BeforeEach
  void start() throws Exception {
    file = new AccessFile(data.resolve("tokens"));
    submit = file.create("s1", AccessRole.parse("submit"), Instant.MAX);
    admin = file.create("boss", AccessRole.parse("admin"), Instant.MAX);
    server = SecuredServer.start(data, "tokens.file=tokens");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void assertRefused(ManagedChannel channel, Status.Code code, String reason) {
    assertThatThrownBy(() -> SecuredServer.stats(channel))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              assertThat(RpcErrors.reason(e)).isEqualTo(reason);
              assertThat(e.getMessage()).doesNotContain(secret(submit), secret(admin));
            });
  }

  private static String secret(String token) {
    return token.substring("tidemill_".length() + 17);
  }

  @Test
  void refusesWhoeverShowsNoTokenOrAWrongOne() throws Exception {
    String wrongSecret = submit.substring(0, submit.length() - 2) + "xx";
    assertRefused(server.connect(Access.none()), Status.Code.UNAUTHENTICATED, "TOKEN_MISSING");
    assertRefused(server.connect("nonsense"), Status.Code.UNAUTHENTICATED, "TOKEN_UNKNOWN");
    assertRefused(server.connect(wrongSecret), Status.Code.UNAUTHENTICATED, "TOKEN_UNKNOWN");
    assertThat(server.served).hasValue(0);
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () ->
                assertThat(server.audit().lines().filter(l -> l.contains("\"refused\"")))
                    .hasSize(3)
                    .allMatch(line -> line.contains("\"address\":\"127.0.0.1:"))
                    .allMatch(line -> line.contains("TaskService/GetStats"))
                    .anyMatch(line -> line.contains("TOKEN_MISSING"))
                    .anyMatch(line -> line.contains("\"who\":\"not token:s1\"")));
    assertThat(server.audit()).doesNotContain(secret(submit), "nonsense");
    assertThat(SecuredServer.stats(server.connect(submit))).isNotNull();
  }

  @Test
  void refusesAnExpiredTokenAndSaysSince() throws Exception {
    String old =
        file.create("old", AccessRole.parse("submit"), Instant.parse("2020-01-01T00:00:00Z"));
    ManagedChannel channel = server.connect(old);
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> SecuredServer.stats(channel))
                    .hasMessageContaining("the token has expired: name=old expired=2020-01-01"));
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(server.audit()).contains("token:old", "TOKEN_EXPIRED"));
  }

  @Test
  void letsEachRoleDoItsOwnAlone() throws Exception {
    String work = file.create("w1", AccessRole.parse("work"), Instant.MAX);
    ManagedChannel asWorker = server.connect(work);
    await()
        .atMost(20, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> SecuredServer.stats(asWorker) != null);

    assertThatCode(() -> submitOne(server.connect(submit))).doesNotThrowAnyException();
    assertThatCode(() -> submitOne(server.connect(admin))).doesNotThrowAnyException();
    assertNoRole(() -> submitOne(asWorker), "needs=submit caller=token:w1 has=work");
    assertNoRole(() -> drain(server.connect(submit)), "needs=admin caller=token:s1 has=submit");
    assertNoRole(() -> drain(asWorker), "needs=admin");
    assertThatCode(() -> drain(server.connect(admin))).doesNotThrowAnyException();
    assertNoRole(() -> dispatch(server.connect(submit)), "needs=work");
    assertThatCode(() -> dispatch(asWorker)).doesNotThrowAnyException();
    assertNoRole(() -> reflect(server.connect(submit)), "needs=admin");
    assertThatCode(() -> reflect(server.connect(admin))).doesNotThrowAnyException();
  }

  private static void assertNoRole(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String sentence) {
    assertThatThrownBy(call)
        .hasStackTraceContaining("PERMISSION_DENIED")
        .hasStackTraceContaining(sentence);
  }

  private static void submitOne(ManagedChannel channel) {
    TaskSpec spec = TaskSpec.newBuilder().setType("echo").build();
    var unused =
        TaskServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build());
  }

  private static void drain(ManagedChannel channel) {
    var unused =
        WorkerServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .drainWorker(DrainWorkerRequest.newBuilder().setWorkerId("w9").build());
  }

  private static void dispatch(ManagedChannel channel) throws Exception {
    Ending<DispatchResponse> ending = new Ending<>();
    StreamObserver<DispatchRequest> unused =
        DispatchServiceGrpc.newStub(channel)
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .dispatch(ending);
    ending.end.get(20, TimeUnit.SECONDS);
  }

  private static void reflect(ManagedChannel channel) throws Exception {
    Ending<ServerReflectionResponse> ending = new Ending<>();
    StreamObserver<ServerReflectionRequest> up =
        ServerReflectionGrpc.newStub(channel)
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .serverReflectionInfo(ending);
    up.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    up.onCompleted();
    ending.end.get(20, TimeUnit.SECONDS);
  }

  @Test
  void answersHealthChecksWithoutCredentials() {
    assertThatCode(
            () ->
                HealthGrpc.newBlockingStub(server.connect(Access.none()))
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance()))
        .doesNotThrowAnyException();
  }

  @Test
  void endsOpenStreamsOfARevokedTokenAndLeavesTheOthers() throws Exception {
    Ending<SessionResponse> revoked = new Ending<>();
    Ending<SessionResponse> other = new Ending<>();
    StreamObserver<SessionRequest> up = openSession(server.connect(submit), revoked);
    StreamObserver<SessionRequest> otherUp = openSession(server.connect(admin), other);

    assertThat(file.revoke("s1")).isTrue();

    assertEnded(revoked, "TOKEN_REVOKED");
    await().atMost(20, TimeUnit.SECONDS).untilAsserted(() -> assertThat(server.broken).hasValue(1));
    int served = server.served.get();
    sendQuietly(up);
    otherUp.onNext(SessionRequest.getDefaultInstance());
    await().atMost(20, TimeUnit.SECONDS).until(() -> other.messages.get() == 2);
    assertThat(server.served).hasValue(served + 1);
    assertThat(other.end).isNotDone();
    assertRefused(server.connect(submit), Status.Code.UNAUTHENTICATED, "TOKEN_UNKNOWN");
  }

  @Test
  void endsOpenStreamsWhenTheTokenExpires() throws Exception {
    String shortLived =
        file.create("short", AccessRole.parse("submit"), Instant.now().plusSeconds(3));
    ManagedChannel channel = server.connect(shortLived);
    Ending<SessionResponse> ending = new Ending<>();
    await()
        .atMost(20, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> SecuredServer.stats(channel) != null);
    StreamObserver<SessionRequest> unused = TaskServiceGrpc.newStub(channel).session(ending);
    assertEnded(ending, "TOKEN_EXPIRED");
  }

  private static void assertEnded(Ending<?> ending, String reason) {
    await().atMost(PROMISED.plusSeconds(5)).until(ending.end::isDone);
    assertThatThrownBy(() -> ending.end.get())
        .cause()
        .satisfies(
            e ->
                assertThat(Status.fromThrowable(e).getCode())
                    .isEqualTo(Status.Code.UNAUTHENTICATED))
        .satisfies(e -> assertThat(RpcErrors.reason(e)).isEqualTo(reason));
  }

  private static StreamObserver<SessionRequest> openSession(
      ManagedChannel channel, Ending<SessionResponse> ending) {
    StreamObserver<SessionRequest> up = TaskServiceGrpc.newStub(channel).session(ending);
    up.onNext(SessionRequest.getDefaultInstance());
    await().atMost(20, TimeUnit.SECONDS).until(() -> ending.messages.get() == 1);
    return up;
  }

  private static void sendQuietly(StreamObserver<SessionRequest> up) {
    try {
      up.onNext(SessionRequest.getDefaultInstance());
    } catch (IllegalStateException over) {
      // Told already.
    }
  }

  @Test
  void keepsTheOldFileInForceWhenTheNewOneIsBrokenOrOpenToOthers() throws Exception {
    Path tokens = data.resolve("tokens");
    String good = Files.readString(tokens);
    Files.writeString(tokens, "what is this\n");
    long generation = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    await()
        .atMost(20, TimeUnit.SECONDS)
        .until(
            () ->
                SecuredServer.stats(server.connect(submit)) != null
                    && System.nanoTime() > generation);
    Files.writeString(tokens, good);
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(file::read)
        .hasMessageContaining("file is open to others")
        .hasMessageContaining("mode=644; run chmod 600");
  }

  @Test
  void recordsWhoSubmittedCancelledAndDrained() throws Exception {
    ManagedChannel channel = server.connect(admin);
    submitOne(channel);
    submitOne(channel);
    var unused =
        TaskServiceGrpc.newBlockingStub(channel)
            .cancelTask(CancelTaskRequest.newBuilder().setTaskId(0x1234abcdL).build());
    var unusedToo =
        TaskServiceGrpc.newBlockingStub(channel)
            .setPriority(SetPriorityRequest.newBuilder().setTaskId(0x77L).build());
    drain(channel);
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(
            () ->
                assertThat(server.audit())
                    .contains("\"event\":\"submit\",\"who\":\"token:boss\"")
                    .contains("\"task\":\"000000001234abcd\",\"status\":\"OK\"")
                    .contains("\"event\":\"priority\",\"who\":\"token:boss\"")
                    .contains("\"task\":\"0000000000000077\",\"status\":\"OK\"")
                    .contains("\"event\":\"drain\",\"who\":\"token:boss\"")
                    .contains("\"worker\":\"w9\",\"status\":\"OK\""));
    server.close();
    long tasks =
        server
            .audit()
            .lines()
            .filter(line -> line.contains("\"submit\""))
            .mapToLong(line -> Long.parseLong(line.replaceAll(".*\"tasks\":(\\d+).*", "$1")))
            .sum();
    assertThat(tasks).isEqualTo(2);
  }

  @Test
  void sendsNoTokenInTheClearBeyondLoopback() {
    Access access = Access.builder().token(submit).build();
    for (String address :
        new String[] {"192.0.2.1:7411", "example.invalid:7411", "[2001:db8::1]:1"}) {
      assertThatThrownBy(() -> server.connect(address, access))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("does not cross a network in the clear")
          .hasMessageNotContaining(secret(submit));
    }
  }

  /** Notes what comes and how it ends. */
  private static final class Ending<A> implements StreamObserver<A> {
    final CompletableFuture<Void> end = new CompletableFuture<>();
    final java.util.concurrent.atomic.AtomicInteger messages =
        new java.util.concurrent.atomic.AtomicInteger();

    @Override
    public void onNext(A message) {
      messages.incrementAndGet();
    }

    @Override
    public void onError(Throwable error) {
      end.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
      end.complete(null);
    }
  }
}
