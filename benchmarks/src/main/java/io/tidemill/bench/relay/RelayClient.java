package io.tidemill.bench.relay;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.tidemill.bench.Run;
import io.tidemill.rpc.Transport;
import io.tidemill.v1.OpenSession;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitRun;
import io.tidemill.v1.TaskResult;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.TaskSpec;
import java.util.concurrent.CountDownLatch;
import org.HdrHistogram.Histogram;

/**
 * Keeps so many tasks outstanding: what a message of results ends goes out again as one message.
 */
final class RelayClient implements StreamObserver<SessionResponse> {
  private static final TaskSpec TASK =
      TaskSpec.newBuilder()
          .setType("echo")
          .setPayload(ByteString.copyFromUtf8("0123456789abcdef"))
          .build();

  private final ManagedChannel channel;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final StreamObserver<SessionRequest> requests;

  private volatile boolean closed;

  // Of the run under way; the caller's thread hands them over through the stream.
  private long next = 1;
  private int left;
  private int unfinished;
  private long[] submitted = new long[1];
  private Histogram latency = Run.histogram();
  private CountDownLatch done = new CountDownLatch(0);

  RelayClient(String address) {
    this.channel = Transport.channel(address, RelayMain.MESSAGE_BYTES);
    this.requests = TaskServiceGrpc.newStub(channel).session(this);
    requests.onNext(
        SessionRequest.newBuilder().setOpen(OpenSession.newBuilder().setSessionId(1)).build());
  }

  Run run(int count, int outstanding) throws InterruptedException {
    opened.await();
    int first = Math.min(count, outstanding);
    CountDownLatch end = new CountDownLatch(1);
    long started;
    synchronized (this) {
      left = count - first;
      unfinished = count;
      submitted = new long[Integer.highestOneBit(outstanding) * 2];
      latency = Run.histogram();
      done = end;
      started = System.nanoTime();
      submit(first, started);
    }
    end.await();
    return new Run(count, System.nanoTime() - started, latency);
  }

  /** Numbers in flight differ by less than the table has places. */
  private void submit(int count, long now) {
    SubmitRun.Builder run = SubmitRun.newBuilder().setFirstNumber(next);
    for (int i = 0; i < count; i++) {
      submitted[(int) (next++ & (submitted.length - 1))] = now;
      run.addTasks(TASK);
    }
    requests.onNext(SessionRequest.newBuilder().setSubmit(run).build());
  }

  @Override
  public synchronized void onNext(SessionResponse response) {
    if (response.hasOpened()) {
      opened.countDown();
    } else if (response.hasResults()) {
      onResults(response);
    }
  }

  private void onResults(SessionResponse response) {
    long now = System.nanoTime();
    for (TaskResult result : response.getResults().getResultsList()) {
      latency.recordValue(now - submitted[(int) (result.getNumber() & (submitted.length - 1))]);
    }
    int ended = response.getResults().getResultsCount();
    int more = Math.min(left, ended);
    if (more > 0) {
      left -= more;
      submit(more, now);
    }
    unfinished -= ended;
    if (unfinished == 0) {
      done.countDown();
    }
  }

  @Override
  public void onError(Throwable broken) {
    if (!closed) {
      System.err.println("the relay broke off: cause=" + broken.getMessage());
      System.exit(1);
    }
  }

  @Override
  public void onCompleted() {}

  void close() {
    closed = true;
    channel.shutdownNow();
  }
}
