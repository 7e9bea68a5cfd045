package io.tidemill.plm;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.Names;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.region.Rule;
import io.tidemill.v1.DeleteLimitRequest;
import io.tidemill.v1.DeleteLimitResponse;
import io.tidemill.v1.KeyLimit;
import io.tidemill.v1.ListLimitsRequest;
import io.tidemill.v1.ListLimitsResponse;
import io.tidemill.v1.ListQueuesRequest;
import io.tidemill.v1.ListQueuesResponse;
import io.tidemill.v1.QueueInfo;
import io.tidemill.v1.QueueServiceGrpc;
import io.tidemill.v1.SetLimitRequest;
import io.tidemill.v1.SetLimitResponse;
import io.tidemill.v1.UpdateQueueRequest;
import io.tidemill.v1.UpdateQueueResponse;
import java.util.Map;

/** The calls about queues and limits: seldom, so all of them wait for the thread of the views. */
final class QueueApi extends QueueServiceGrpc.QueueServiceImplBase {
  private static final long PERIOD_MILLIS_DEFAULT = 1_000;
  private static final long PERIOD_MILLIS_MAX = 86_400_000;

  private final QueueRules rules;
  private final QueueCounts counts;
  private final SlowCalls slow;

  QueueApi(QueueRules rules, QueueCounts counts, SlowCalls slow) {
    this.rules = rules;
    this.counts = counts;
    this.slow = slow;
  }

  @Override
  public void listQueues(ListQueuesRequest request, StreamObserver<ListQueuesResponse> answer) {
    slow.answer(answer, () -> ListQueuesResponse.newBuilder().addAllQueues(counts.count()).build());
  }

  @Override
  public void updateQueue(UpdateQueueRequest request, StreamObserver<UpdateQueueResponse> answer) {
    slow.run(answer, () -> update(request, answer));
  }

  private void update(UpdateQueueRequest request, StreamObserver<UpdateQueueResponse> answer) {
    String name = request.getQueue();
    if (!Names.isQueue(name)) {
      throw invalid("QUEUE_INVALID", "queue", name, "a queue " + Names.QUEUE_RULE);
    }
    if (request.getLengthMax() < 0) {
      String value = Long.toUnsignedString(request.getLengthMax());
      throw invalid("LENGTH_MAX_INVALID", "length_max", value, "use 0 to 2^63 - 1");
    }
    Rule before = rules.get(Rule.Of.QUEUE, name);
    Rule old = before == null ? Rule.ofQueue(name, false, 0) : before;
    Rule rule =
        Rule.ofQueue(
            name,
            request.hasPaused() ? request.getPaused() : old.paused(),
            request.hasLengthMax() ? request.getLengthMax() : old.most());
    QueueInfo.Builder info = QueueInfo.newBuilder().setQueue(name);
    QueueCounts.ofRule(info, rule);
    set(rule, answer, UpdateQueueResponse.newBuilder().setQueue(info).build());
  }

  @Override
  public void listLimits(ListLimitsRequest request, StreamObserver<ListLimitsResponse> answer) {
    slow.run(
        answer,
        () -> {
          ListLimitsResponse.Builder all = ListLimitsResponse.newBuilder();
          rules.all(Rule.Of.KEY).forEach(rule -> all.addLimits(limit(rule)));
          SlowCalls.reply(answer, all.build());
        });
  }

  @Override
  public void setLimit(SetLimitRequest request, StreamObserver<SetLimitResponse> answer) {
    slow.run(
        answer,
        () -> {
          Rule rule = rule(request.getLimit());
          set(rule, answer, SetLimitResponse.newBuilder().setLimit(limit(rule)).build());
        });
  }

  @Override
  public void deleteLimit(DeleteLimitRequest request, StreamObserver<DeleteLimitResponse> answer) {
    slow.run(
        answer,
        () -> {
          if (rules.get(Rule.Of.KEY, request.getKey()) == null) {
            throw RpcErrors.of(
                Status.Code.NOT_FOUND,
                "LIMIT_UNKNOWN",
                "no limit is set for this key: key="
                    + SpecCheck.shown(request.getKey())
                    + "; see `limit list`",
                Map.of("field", "key", "value", SpecCheck.shown(request.getKey())));
          }
          set(
              Rule.ofKey(request.getKey(), 0, 0, 0, 0),
              answer,
              DeleteLimitResponse.getDefaultInstance());
        });
  }

  private static Rule rule(KeyLimit limit) {
    if (!Names.isKey(limit.getKey())) {
      throw invalid("KEY_INVALID", "key", limit.getKey(), "a key " + Names.KEY_RULE);
    }
    long running = Integer.toUnsignedLong(limit.getRunningMax());
    long rate = Integer.toUnsignedLong(limit.getRate());
    long period = Integer.toUnsignedLong(limit.getRatePeriodMs());
    if (running == 0 && rate == 0) {
      throw invalid("LIMIT_EMPTY", "running_max", "0", "give running_max or rate, or delete it");
    }
    if (period > PERIOD_MILLIS_MAX) {
      throw invalid(
          "RATE_PERIOD_INVALID",
          "rate_period_ms",
          Long.toString(period),
          "use 1 to " + PERIOD_MILLIS_MAX);
    }
    return Rule.ofKey(
        limit.getKey(),
        running,
        rate,
        period == 0 ? PERIOD_MILLIS_DEFAULT : period,
        Math.max(1, Integer.toUnsignedLong(limit.getBurst())));
  }

  private static KeyLimit limit(Rule rule) {
    return KeyLimit.newBuilder()
        .setKey(rule.name())
        .setRunningMax((int) rule.most())
        .setRate((int) rule.permits())
        .setRatePeriodMs((int) rule.periodMillis())
        .setBurst((int) rule.burst())
        .build();
  }

  private <T> void set(Rule rule, StreamObserver<T> answer, T response) {
    Refused refused = rules.set(rule, () -> SlowCalls.reply(answer, response));
    if (refused != null) {
      throw refused.toException();
    }
  }

  private static StatusRuntimeException invalid(
      String reason, String field, String value, String advice) {
    String shown = SpecCheck.shown(value);
    return RpcErrors.invalid(
        reason, field, shown, "bad " + field + ": value='" + shown + "'; " + advice);
  }
}
