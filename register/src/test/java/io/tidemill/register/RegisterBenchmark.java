package io.tidemill.register;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.stub.ServerCallStreamObserver;
import io.tidemill.rpc.Hearing;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Journals;
import io.tidemill.shm.journal.Journal;
import io.tidemill.shm.region.Role;
import io.tidemill.shm.region.WorkerTable.Registration;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.HeartbeatResponse;
import io.tidemill.v1.TaskReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How many reports a second one core records, from the bytes of the message on. Not a test: run it
 * by hand, with the number of reports a message as argument.
 */
public final class RegisterBenchmark {
  private static final int TASKS = 500_000;
  private static final int ROUNDS = 6;

  private RegisterBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    int run = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 512;
    Path data = Files.createTempDirectory("register-benchmark").resolve("data");
    Settings settings =
        Settings.load(Map.of(Key.TASKS_MAX.key(), Integer.toString(TASKS)), Map.of(), data);
    try (Others others = new Others(Instance.enter(data, settings, Role.PLM), System::nanoTime);
        Instance instance = Instance.enter(data, settings, Role.REGISTER);
        Journal journal = Journals.write(instance.dir().outcomes(), settings, 0)) {
      Parts parts =
          Parts.of(
              instance,
              journal,
              new RecentRecords(),
              System::nanoTime,
              Hearing.direct(System::nanoTime));
      for (int round = 0; round < ROUNDS; round++) {
        round(others, parts, run);
      }
    }
    System.out.println("delete " + data.getParent() + " when done");
  }

  private static void round(Others others, Parts parts, int run)
      throws InvalidProtocolBufferException {
    Worker[] worker = new Worker[1];
    Registration registration = new Registration("w", 1, 1, List.of("t"), "h", 1);
    parts.guard().run(() -> worker[0] = parts.workers().enter(0, registration, System.nanoTime()));
    List<byte[]> messages = messages(others, parts, worker[0], run);
    HeartbeatStream stream = new HeartbeatStream(parts.heartbeats(), parts.guard(), new Sink());
    long began = System.nanoTime();
    for (byte[] message : messages) {
      stream.onNext(HeartbeatRequest.parseFrom(message));
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf("run=%d reports_per_s=%.0f%n", run, TASKS / seconds);
    for (int slot = 0; slot < TASKS; slot++) {
      others.free(slot);
    }
    others.takeFromPlmRing();
    others.takeFromSchedulerRing();
  }

  private static List<byte[]> messages(Others others, Parts parts, Worker worker, int run) {
    List<byte[]> messages = new ArrayList<>();
    ByteString result = ByteString.copyFromUtf8("0123456789abcdef");
    HeartbeatRequest.Builder message = HeartbeatRequest.newBuilder().setFirstReport(1);
    message.setWorkerKey(parts.workers().keyOf(worker));
    for (int slot = 0; slot < TASKS; slot++) {
      Others.Leased task = others.leased(slot, 0);
      message.addReports(
          FakeWorker.of(task, TaskReport.Kind.KIND_SUCCEEDED).setResult(result).build());
      if (message.getReportsCount() == run || slot == TASKS - 1) {
        messages.add(message.build().toByteArray());
        message = HeartbeatRequest.newBuilder().setFirstReport(slot + 2);
      }
    }
    return messages;
  }

  /** A stream that takes everything. */
  private static final class Sink extends ServerCallStreamObserver<HeartbeatResponse> {
    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void onNext(HeartbeatResponse message) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }
}
