package io.tidemill.hostile;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.Transport;
import io.tidemill.rpc.hostile.RawPeer;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.OpenSession;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.SubmitTaskResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that ask for more than a server has: each goes on for a time, and says what came of it.
 */
final class Floods {
  private static final String SUBMIT = "/tidemill.v1.TaskService/SubmitTask";
  private static final String SESSION = "/tidemill.v1.TaskService/Session";
  private static final String GET = "/tidemill.v1.TaskService/GetTask";

  private final int port;
  private final long millis;

  Floods(int port, long millis) {
    this.port = port;
    this.millis = millis;
  }

  private long end() {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** Single submissions, many at a time on many connections, each answer followed by the next. */
  String submissions(int connections, int each, int payloadBytes) throws InterruptedException {
    SubmitTaskRequest request =
        SubmitTaskRequest.newBuilder()
            .setTask(
                TaskSpec.newBuilder()
                    .setType("echo")
                    .setPayload(ByteString.copyFrom(new byte[payloadBytes])))
            .build();
    return this.<SubmitTaskResponse>calls(
        connections, each, true, (stub, observer) -> stub.submitTask(request, observer));
  }

  /** Batches of ten thousand. */
  String batches(int connections, int each) throws InterruptedException {
    SubmitTasksRequest request =
        SubmitTasksRequest.newBuilder()
            .addAllTasks(Collections.nCopies(10_000, TaskSpec.newBuilder().setType("echo").build()))
            .build();
    return this.<SubmitTasksResponse>calls(
        connections, each, true, (stub, observer) -> stub.submitTasks(request, observer));
  }

  /** Requests that would become more objects than there is memory. */
  String bombs(int connections, int each) throws InterruptedException {
    SubmitTasksRequest request =
        SubmitTasksRequest.newBuilder()
            .addAllTasks(Collections.nCopies(2_000_000, TaskSpec.getDefaultInstance()))
            .build();
    return this.<SubmitTasksResponse>calls(
        connections, each, false, (stub, observer) -> stub.submitTasks(request, observer));
  }

  private <A> String calls(int connections, int each, boolean hopesForAnswers, Call<A> call)
      throws InterruptedException {
    AtomicInteger answered = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    Semaphore room = new Semaphore(connections * each);
    List<ManagedChannel> channels = channels(connections);
    long end = end();
    for (int i = 0; goesOn(end, hopesForAnswers ? answered : refused); i++) {
      if (room.tryAcquire(50, TimeUnit.MILLISECONDS)) {
        ManagedChannel channel = channels.get(i % connections);
        call.start(
            TaskServiceGrpc.newStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS),
            new Counting<>(answered, refused, room));
      }
    }
    channels.forEach(ManagedChannel::shutdownNow);
    return "answered " + answered + ", refused " + refused;
  }

  /** Until the time is over, and something has come of it however slow the machine is. */
  private static boolean goesOn(long endNanos, AtomicInteger hopedFor) {
    long over = System.nanoTime() - endNanos;
    return over < 0 || (hopedFor.get() == 0 && over < TimeUnit.SECONDS.toNanos(30));
  }

  private interface Call<A> {
    void start(TaskServiceGrpc.TaskServiceStub stub, StreamObserver<A> observer);
  }

  private record Counting<A>(AtomicInteger answered, AtomicInteger refused, Semaphore room)
      implements StreamObserver<A> {
    @Override
    public void onNext(A answer) {
      answered.incrementAndGet();
    }

    @Override
    public void onError(Throwable error) {
      refused.incrementAndGet();
      room.release();
    }

    @Override
    public void onCompleted() {
      room.release();
    }
  }

  private List<ManagedChannel> channels(int count) {
    List<ManagedChannel> channels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      channels.add(Transport.channel("127.0.0.1:" + port, 16 << 20));
    }
    return channels;
  }

  /**
   * Connections that each begin messages of the longest kind on many streams, and stop before the
   * end.
   */
  String unfinished(int connections, int streams) throws IOException {
    byte[] beginning = new byte[500_000];
    ByteBuffer.wrap(beginning).put((byte) 0).putInt(1_000_000);
    return raw(
        connections,
        peer -> {
          for (int i = 0; i < streams; i++) {
            peer.call(1 + 2 * i, i % 2 == 0 ? SUBMIT : SESSION);
            peer.data(1 + 2 * i, false, beginning);
          }
        },
        RawPeer::http2);
  }

  /** Sessions that submit, and read nothing of what comes back. */
  String deafSessions(int connections) throws IOException {
    return raw(
        connections,
        peer -> {
          peer.call(1, SESSION);
          OpenSession open =
              OpenSession.newBuilder()
                  .setSessionId(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE))
                  .build();
          peer.data(
              1,
              false,
              RawPeer.message(SessionRequest.newBuilder().setOpen(open).build().toByteArray()));
          TaskSpec task =
              TaskSpec.newBuilder()
                  .setType("echo")
                  .setPayload(ByteString.copyFrom(new byte[1_000]))
                  .build();
          for (int i = 0; i < 40; i++) {
            SubmitRun run =
                SubmitRun.newBuilder()
                    .setFirstNumber(1 + 100L * i)
                    .addAllTasks(Collections.nCopies(100, task))
                    .build();
            byte[] message = SessionRequest.newBuilder().setSubmit(run).build().toByteArray();
            if (!peer.data(1, false, RawPeer.message(message))) {
              return;
            }
          }
        },
        RawPeer::deaf);
  }

  /** Asks again and again for a long result, and reads no answer. */
  String deafReaders(int connections, long taskId) throws IOException {
    byte[] request =
        RawPeer.message(GetTaskRequest.newBuilder().setTaskId(taskId).build().toByteArray());
    return raw(
        connections,
        peer -> {
          for (int i = 0; i < 500; i++) {
            if (!peer.call(1 + 2 * i, GET) || !peer.data(1 + 2 * i, true, request)) {
              return;
            }
          }
        },
        RawPeer::deaf);
  }

  /** Connections that say nothing, as many as there are, closed or not. */
  String silent(int connections) throws IOException {
    return raw(connections, peer -> {}, RawPeer::silent);
  }

  private interface Opening {
    RawPeer open(int port) throws IOException;
  }

  private interface Doing {
    void with(RawPeer peer);
  }

  private String raw(int connections, Doing doing, Opening opening) throws IOException {
    List<RawPeer> peers = new ArrayList<>();
    int notOpened = 0;
    for (int i = 0; i < connections; i++) {
      try {
        RawPeer peer = opening.open(port);
        peers.add(peer);
        Thread thread = new Thread(() -> doing.with(peer), "flood");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException full) {
        notOpened++;
      }
    }
    for (long end = end(); System.nanoTime() - end < 0; ) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    long closed = peers.stream().filter(RawPeer::isClosed).count();
    for (RawPeer peer : peers) {
      peer.close();
    }
    return closed + notOpened + " of " + connections + " closed";
  }
}
