package io.tidemill.register;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.Control;
import io.tidemill.shm.region.WorkerHeap;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.v1.ListWorkersRequest;
import io.tidemill.v1.ListWorkersResponse;
import io.tidemill.v1.WorkerInfo;
import io.tidemill.v1.WorkerState;
import java.util.List;

/** Workers as callers see them. */
final class WorkerInfos {
  private static final int PAGE_DEFAULT = 1_000;
  private static final int PAGE_MAX = 10_000;

  private final WorkerTable table;
  private final WorkerHeap heap;
  private final Control control;
  private final Liveness liveness;

  WorkerInfos(Instance instance, Liveness liveness) {
    this.table = instance.regions().workers();
    this.heap = instance.regions().workerHeap();
    this.control = instance.control();
    this.liveness = liveness;
  }

  /** One worker. */
  WorkerInfo of(Worker worker, long now) {
    int row = worker.row();
    WorkerInfo.Builder info = WorkerInfo.newBuilder();
    Offers.show(worker.registration().offer(), info);
    return info.setWorkerId(worker.id())
        .setState(state(worker, now))
        .setCapacity(worker.registration().capacity())
        .setInFlight(worker.isServed() ? heap.inFlight(row) : 0)
        .setSucceeded(table.succeeded(row))
        .setFailed(table.failed(row))
        .setLastBeatMs(liveness.ageNanos(worker, now) / 1_000_000)
        .addAllTaskTypes(worker.registration().types())
        .setHost(worker.registration().host())
        .setPid(worker.registration().pid())
        .setRegisteredMs(control.wallMillis(table.registeredMillis(row)))
        .setRate(table.rateMilli(row) / 1_000.0)
        .setServiceUs(table.serviceMicros(row))
        .setRunning(table.running(row))
        .setQueued(table.queued(row))
        .setCpu(table.cpuMilli(row) / 1_000f)
        .setIncarnation(worker.incarnation())
        .build();
  }

  private WorkerState state(Worker worker, long now) {
    return switch (worker.state()) {
      case ALIVE ->
          liveness.isLate(worker, now)
              ? WorkerState.WORKER_STATE_LATE
              : WorkerState.WORKER_STATE_ALIVE;
      case DRAINING -> WorkerState.WORKER_STATE_DRAINING;
      case DEAD, FREE -> WorkerState.WORKER_STATE_DEAD;
    };
  }

  /**
   * A page of the workers, in the order of their rows. A token is the row that the next page begins
   * with.
   *
   * @throws io.grpc.StatusRuntimeException if the request is wrong
   */
  ListWorkersResponse list(List<Worker> workers, ListWorkersRequest request, long now) {
    int size = pageSize(request);
    int from = firstRow(request);
    ListWorkersResponse.Builder page = ListWorkersResponse.newBuilder();
    for (Worker worker : workers) {
      if (worker.row() < from || !isShown(worker, request.getIncludeDead())) {
        continue;
      }
      if (page.getWorkersCount() == size) {
        page.setNextPageToken(Integer.toString(worker.row()));
        break;
      }
      page.addWorkers(of(worker, now));
    }
    return page.build();
  }

  /** Who left is forgotten; who died is shown on request. */
  private static boolean isShown(Worker worker, boolean includeDead) {
    return worker.isServed() || (includeDead && worker.state() == WorkerTable.State.DEAD);
  }

  private static int pageSize(ListWorkersRequest request) {
    long asked = Integer.toUnsignedLong(request.getPageSize());
    if (asked > PAGE_MAX) {
      throw Refusals.invalid("PAGE_SIZE_INVALID", "page_size", asked, "is at most " + PAGE_MAX);
    }
    return asked == 0 ? PAGE_DEFAULT : (int) asked;
  }

  private static int firstRow(ListWorkersRequest request) {
    String token = request.getPageToken();
    if (token.isEmpty()) {
      return 0;
    }
    if (!token.matches("\\d{1,9}")) {
      throw Refusals.invalid(
          "PAGE_TOKEN_INVALID", "page_token", token, "is what the page before ended with");
    }
    return Integer.parseInt(token);
  }
}
