package io.tidemill.plm;

import io.grpc.stub.StreamObserver;
import io.tidemill.shm.instance.Instance;
import io.tidemill.sim.SimServer;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.SubmitTasksResponse;
import java.util.Arrays;

/** The PLM in a simulation. */
public final class SimPlm implements SimServer {
  private final PlmPart part;

  /** It settles what its predecessor left while it is made. */
  public SimPlm(Instance instance) {
    this.part = new PlmPart(instance);
  }

  @Override
  public void settle() {}

  @Override
  public int turn(long nowNanos) {
    return part.agent().doWork(nowNanos);
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

  /** Takes all free slots, for good: the last thing that is asked of it. */
  public int[] drainFreeSlots(int capacity) {
    int[] all = new int[2 * capacity];
    return Arrays.copyOf(all, part.free().take(all, all.length));
  }
}
