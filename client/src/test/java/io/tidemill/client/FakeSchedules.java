package io.tidemill.client;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.CreateScheduleRequest;
import io.tidemill.v1.ListSchedulesRequest;
import io.tidemill.v1.ListSchedulesResponse;
import io.tidemill.v1.PreviewScheduleRequest;
import io.tidemill.v1.PreviewScheduleResponse;
import io.tidemill.v1.ScheduleOccurrence;
import io.tidemill.v1.ScheduleRequest;
import io.tidemill.v1.ScheduleResponse;
import io.tidemill.v1.ScheduleServiceGrpc;
import io.tidemill.v1.ScheduleStatus;
import io.tidemill.v1.TriggerScheduleRequest;
import io.tidemill.v1.TriggerScheduleResponse;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A PLM's part about schedules, as its protocol says it: one to a page, each due at the same time.
 */
public final class FakeSchedules extends ScheduleServiceGrpc.ScheduleServiceImplBase {
  public static final long NEXT_MS = 1_900_000_000_000L;
  public static final long TASK_ID = 0x0010_0000_0200_0003L;

  private final TreeMap<String, ScheduleStatus> schedules = new TreeMap<>();

  public synchronized ScheduleStatus get(String name) {
    return schedules.get(name);
  }

  @Override
  public synchronized void createSchedule(
      CreateScheduleRequest request, StreamObserver<ScheduleResponse> responses) {
    String name = request.getSchedule().getName();
    if (request.getSchedule().getCron().equals("never")) {
      responses.onError(
          RpcErrors.invalid(
              "CRON_INVALID", "cron", "never", "bad cron: value='never'; write five fields"));
    } else if (schedules.containsKey(name) && !request.getReplace()) {
      responses.onError(
          RpcErrors.of(
              Status.Code.ALREADY_EXISTS,
              "SCHEDULE_EXISTS",
              "there is a schedule of this name: name=" + name,
              Map.of("field", "name", "value", name)));
    } else {
      schedules.put(
          name,
          ScheduleStatus.newBuilder()
              .setSchedule(request.getSchedule())
              .setCreatedMs(1)
              .setNextMs(NEXT_MS)
              .setNextDueMs(NEXT_MS)
              .build());
      answer(schedules.get(name), responses);
    }
  }

  @Override
  public void getSchedule(ScheduleRequest request, StreamObserver<ScheduleResponse> responses) {
    change(request, responses, status -> status);
  }

  @Override
  public void pauseSchedule(ScheduleRequest request, StreamObserver<ScheduleResponse> responses) {
    change(request, responses, status -> status.toBuilder().setPaused(true).build());
  }

  @Override
  public void resumeSchedule(ScheduleRequest request, StreamObserver<ScheduleResponse> responses) {
    change(request, responses, status -> status.toBuilder().setPaused(false).build());
  }

  @Override
  public synchronized void deleteSchedule(
      ScheduleRequest request, StreamObserver<ScheduleResponse> responses) {
    change(request, responses, status -> status);
    schedules.remove(request.getName());
  }

  private synchronized void change(
      ScheduleRequest request,
      StreamObserver<ScheduleResponse> responses,
      UnaryOperator<ScheduleStatus> change) {
    if (isKnown(request.getName(), responses)) {
      schedules.computeIfPresent(request.getName(), (name, status) -> change.apply(status));
      answer(schedules.get(request.getName()), responses);
    }
  }

  private static void answer(ScheduleStatus status, StreamObserver<ScheduleResponse> responses) {
    responses.onNext(ScheduleResponse.newBuilder().setSchedule(status).build());
    responses.onCompleted();
  }

  private boolean isKnown(String name, StreamObserver<?> responses) {
    boolean known = schedules.containsKey(name);
    if (!known) {
      responses.onError(
          RpcErrors.of(
              Status.Code.NOT_FOUND,
              "SCHEDULE_UNKNOWN",
              "no schedule has this name: name=" + name,
              Map.of("field", "name", "value", name)));
    }
    return known;
  }

  @Override
  public synchronized void listSchedules(
      ListSchedulesRequest request, StreamObserver<ListSchedulesResponse> responses) {
    Map.Entry<String, ScheduleStatus> next = schedules.higherEntry(request.getPageToken());
    ListSchedulesResponse.Builder page = ListSchedulesResponse.newBuilder();
    if (next != null) {
      page.addSchedules(next.getValue());
      page.setNextPageToken(schedules.higherKey(next.getKey()) == null ? "" : next.getKey());
    }
    responses.onNext(page.build());
    responses.onCompleted();
  }

  @Override
  public synchronized void triggerSchedule(
      TriggerScheduleRequest request, StreamObserver<TriggerScheduleResponse> responses) {
    if (isKnown(request.getName(), responses)) {
      responses.onNext(TriggerScheduleResponse.newBuilder().setTaskId(TASK_ID).build());
      responses.onCompleted();
    }
  }

  @Override
  public synchronized void previewSchedule(
      PreviewScheduleRequest request, StreamObserver<PreviewScheduleResponse> responses) {
    if (isKnown(request.getName(), responses)) {
      PreviewScheduleResponse.Builder answer = PreviewScheduleResponse.newBuilder();
      for (int i = 0; i < request.getCount(); i++) {
        answer.addOccurrences(
            ScheduleOccurrence.newBuilder()
                .setOccurrenceMs(NEXT_MS + i)
                .setDueMs(NEXT_MS + i + 5)
                .setLocal("local-" + i));
      }
      responses.onNext(answer.build());
      responses.onCompleted();
    }
  }
}
