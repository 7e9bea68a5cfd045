package io.tidemill.plm;

import io.grpc.stub.StreamObserver;
import io.tidemill.plm.schedule.CronTimes;
import io.tidemill.plm.schedule.Jitter;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.v1.CreateScheduleRequest;
import io.tidemill.v1.ListSchedulesRequest;
import io.tidemill.v1.ListSchedulesResponse;
import io.tidemill.v1.PreviewScheduleRequest;
import io.tidemill.v1.PreviewScheduleResponse;
import io.tidemill.v1.Schedule;
import io.tidemill.v1.ScheduleOccurrence;
import io.tidemill.v1.ScheduleRequest;
import io.tidemill.v1.ScheduleResponse;
import io.tidemill.v1.ScheduleServiceGrpc;
import io.tidemill.v1.ScheduleStatus;
import io.tidemill.v1.StoredSchedule;
import io.tidemill.v1.TriggerScheduleRequest;
import io.tidemill.v1.TriggerScheduleResponse;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** The clients' calls for schedules. On the transport's threads, so nothing here waits. */
final class ScheduleApi extends ScheduleServiceGrpc.ScheduleServiceImplBase {
  private static final int PAGE_DEFAULT = 100;
  private static final int PAGE_MAX = 1_000;
  private static final int PREVIEW_DEFAULT = 5;
  private static final int PREVIEW_MAX = 1_000;

  private final ScheduleThread thread;
  private final ScheduleCalls calls;
  private final Definitions definitions;
  private final SlowCalls slow;
  private final LongSupplier wall;

  ScheduleApi(
      ScheduleThread thread,
      ScheduleCalls calls,
      Definitions definitions,
      SlowCalls slow,
      LongSupplier wall) {
    this.thread = thread;
    this.calls = calls;
    this.definitions = definitions;
    this.slow = slow;
    this.wall = wall;
  }

  @Override
  public void createSchedule(
      CreateScheduleRequest request, StreamObserver<ScheduleResponse> answer) {
    one(answer, then -> calls.create(request, then));
  }

  @Override
  public void getSchedule(ScheduleRequest request, StreamObserver<ScheduleResponse> answer) {
    one(answer, then -> calls.get(request.getName(), then));
  }

  @Override
  public void deleteSchedule(ScheduleRequest request, StreamObserver<ScheduleResponse> answer) {
    one(answer, then -> calls.delete(request.getName(), then));
  }

  @Override
  public void pauseSchedule(ScheduleRequest request, StreamObserver<ScheduleResponse> answer) {
    one(answer, then -> calls.pause(request.getName(), then));
  }

  @Override
  public void resumeSchedule(ScheduleRequest request, StreamObserver<ScheduleResponse> answer) {
    one(answer, then -> calls.resume(request.getName(), then));
  }

  @Override
  public void listSchedules(
      ListSchedulesRequest request, StreamObserver<ListSchedulesResponse> answer) {
    int asked = request.getPageSize();
    int size = asked == 0 ? PAGE_DEFAULT : Math.min(PAGE_MAX, asked);
    if (size < 1) {
      answer.onError(outOfRange("page_size", asked, PAGE_MAX).toException());
      return;
    }
    onThread(
        answer,
        () -> {
          List<ScheduleStatus> some = calls.list(request.getPageToken(), size);
          String next = some.size() < size ? "" : some.get(size - 1).getSchedule().getName();
          SlowCalls.reply(
              answer,
              ListSchedulesResponse.newBuilder()
                  .addAllSchedules(some)
                  .setNextPageToken(next)
                  .build());
          return null;
        });
  }

  @Override
  public void triggerSchedule(
      TriggerScheduleRequest request, StreamObserver<TriggerScheduleResponse> answer) {
    onThread(
        answer,
        () ->
            calls.trigger(
                request.getName(), request.getRequestId(), batch -> triggered(batch, answer)));
  }

  private static void triggered(Batch batch, StreamObserver<TriggerScheduleResponse> answer) {
    if (!batch.refused().isEmpty()) {
      answer.onError(batch.refused().get(0).toException());
      return;
    }
    SlowCalls.reply(
        answer,
        TriggerScheduleResponse.newBuilder()
            .setTaskId(batch.id(0))
            .setDuplicate(batch.duplicates() > 0)
            .build());
  }

  private void one(
      StreamObserver<ScheduleResponse> answer, Function<Consumer<ScheduleStatus>, Refused> call) {
    onThread(
        answer,
        () ->
            call.apply(
                status ->
                    SlowCalls.reply(
                        answer, ScheduleResponse.newBuilder().setSchedule(status).build())));
  }

  /** Work that answers itself, or says why it does not. */
  private interface Work {
    Refused run();
  }

  private void onThread(StreamObserver<?> answer, Work work) {
    Refused busy =
        thread.execute(
            () -> {
              Refused refused = work.run();
              if (refused != null) {
                answer.onError(refused.toException());
              }
            });
    if (busy != null) {
      answer.onError(busy.toException());
    }
  }

  /** A thousand occurrences take their time, which the schedules' thread has not. */
  @Override
  public void previewSchedule(
      PreviewScheduleRequest request, StreamObserver<PreviewScheduleResponse> answer) {
    slow.run(answer, () -> preview(request, answer));
  }

  private void preview(
      PreviewScheduleRequest request, StreamObserver<PreviewScheduleResponse> answer) {
    int asked = request.getCount();
    int count = asked == 0 ? PREVIEW_DEFAULT : asked;
    Schedule schedule = request.hasName() ? defined(request.getName()) : request.getSchedule();
    Refused refused =
        schedule == null
            ? ScheduleCalls.unknown(request.getName())
            : ScheduleCheck.checkTimes(schedule);
    if (count < 0 || count > PREVIEW_MAX) {
      refused = outOfRange("count", asked, PREVIEW_MAX);
    }
    if (refused != null) {
      answer.onError(refused.toException());
      return;
    }
    long after = request.getAfterMs() == 0 ? wall.getAsLong() : request.getAfterMs();
    SlowCalls.reply(answer, occurrences(schedule, after, count));
  }

  private Schedule defined(String name) {
    byte[] body = definitions.get(DefinitionKind.SCHEDULE, name);
    try {
      return body == null ? null : StoredSchedule.parseFrom(body).getSchedule();
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalStateException("a schedule in the journal cannot be read: " + name, e);
    }
  }

  private static PreviewScheduleResponse occurrences(Schedule schedule, long after, int count) {
    PreviewScheduleResponse.Builder found = PreviewScheduleResponse.newBuilder();
    CronTimes times = CronTimes.parse(schedule.getCron(), schedule.getZone());
    long at = times.nextAfter(after);
    while (at != CronTimes.NEVER && found.getOccurrencesCount() < count) {
      OffsetDateTime local = Instant.ofEpochMilli(at).atZone(times.zone()).toOffsetDateTime();
      found.addOccurrences(
          ScheduleOccurrence.newBuilder()
              .setOccurrenceMs(at)
              .setDueMs(at + Jitter.millis(schedule.getName(), at, schedule.getJitterMs()))
              .setLocal(local.toString()));
      at = times.nextAfter(at);
    }
    return found.build();
  }

  private static Refused outOfRange(String field, int value, int limit) {
    return Refused.invalid(
        "OUT_OF_RANGE",
        field,
        Integer.toUnsignedString(value),
        "out of range: "
            + field
            + "="
            + Integer.toUnsignedString(value)
            + "; say 1 to "
            + limit
            + ", or 0");
  }
}
