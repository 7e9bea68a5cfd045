package io.tidemill.rpc.security;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.tidemill.rpc.TaskIds;
import io.tidemill.v1.BulkTasksRequest;
import io.tidemill.v1.CancelTaskRequest;
import io.tidemill.v1.CreateScheduleRequest;
import io.tidemill.v1.DiscardTasksRequest;
import io.tidemill.v1.DrainWorkerRequest;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.RequeueTasksRequest;
import io.tidemill.v1.ScheduleRequest;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SetPriorityRequest;
import io.tidemill.v1.SubmitTasksRequest;
import io.tidemill.v1.TriggerScheduleRequest;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/**
 * Who did what, as the gate sees it. Submissions are counted for each caller and written every ten
 * seconds; the rest is written one by one, within a rate. Takes ids and names out of messages, and
 * nothing else.
 */
final class AuditTrail implements AutoCloseable {
  /** Writes nothing. */
  static final AuditTrail OFF = new AuditTrail(null, Clock.systemUTC());

  private final AuditLog log;
  private final Clock clock;
  private final AuditRate rate;
  private final SubmitCounts submits;

  AuditTrail(AuditLog log, Clock clock) {
    this.log = log;
    this.clock = clock;
    this.rate = new AuditRate(clock.instant());
    this.submits = new SubmitCounts();
  }

  /** One call as the log sees it. */
  interface Call {
    Call NOTHING =
        new Call() {
          @Override
          public void received(Object message) {}

          @Override
          public void closed(Status status) {}
        };

    void received(Object message);

    void closed(Status status);
  }

  Call call(CallRules.Audited what, Caller caller, ServerCall<?, ?> call) {
    if (log == null || what == CallRules.Audited.NOTHING) {
      return Call.NOTHING;
    }
    String address = address(call.getAttributes());
    return what == CallRules.Audited.SUBMIT
        ? new Submission(caller.who(), address)
        : new Action(what, call.getMethodDescriptor(), caller.who(), address);
  }

  /** A call was refused, or ended, for want of credentials or of a role. */
  void refused(Denial denial, ServerCall<?, ?> call) {
    if (log != null) {
      write(
          "refused",
          line("refused", denial.who(), address(call.getAttributes()))
              .put("method", call.getMethodDescriptor().getFullMethodName())
              .put("reason", denial.reason()));
    }
  }

  /** A handshake failed by the certificate that the client showed. */
  void distrusted(String subject, String cause) {
    if (log != null) {
      write(
          "refused",
          new AuditLine(clock.instant(), "refused")
              .put("who", "not certificate:" + subject)
              .put("reason", "CERTIFICATE_NOT_TRUSTED")
              .put("cause", cause));
    }
  }

  /** Something that the server did itself. */
  void event(String event, String what) {
    if (log != null) {
      log.add(new AuditLine(clock.instant(), event).put("what", what));
    }
  }

  /** Every second or so: writes what has been counted for long enough. */
  void turn() {
    if (log != null) {
      Instant now = clock.instant();
      rate.suppressed(now, (event, count) -> log.add(suppressed(now, event, count)));
      submits.due(now, this::submitted);
    }
  }

  @Override
  public void close() {
    if (log != null) {
      Instant now = clock.instant();
      rate.rest((event, count) -> log.add(suppressed(now, event, count)));
      submits.all(this::submitted);
      log.close();
    }
  }

  private AuditLine line(String event, String who, String address) {
    return new AuditLine(clock.instant(), event).put("who", who).put("address", address);
  }

  private static AuditLine suppressed(Instant now, String event, long count) {
    return new AuditLine(now, "suppressed").put("of", event).put("lines", count);
  }

  private void submitted(SubmitCounts.Key by, SubmitCounts.Count count) {
    log.add(
        line("submit", by.who(), by.host())
            .put("calls", count.calls())
            .put("tasks", count.tasks()));
  }

  private void write(String event, AuditLine line) {
    if (rate.admits(event, clock.instant())) {
      log.add(line);
    }
  }

  static String address(Attributes connection) {
    SocketAddress address = connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    if (address instanceof InetSocketAddress inet) {
      return inet.getAddress().getHostAddress() + ":" + inet.getPort();
    }
    return "unix";
  }

  private static String host(String address) {
    int colon = address.lastIndexOf(':');
    return colon < 0 ? address : address.substring(0, colon);
  }

  /** Tasks that came in, by one or in a stream of many. */
  private final class Submission implements Call {
    private final SubmitCounts.Key by;
    private boolean counted;

    Submission(String who, String address) {
      this.by = new SubmitCounts.Key(who, host(address));
    }

    @Override
    public void received(Object message) {
      int calls = counted ? 0 : 1;
      counted = true;
      submits.add(by, calls, tasks(message), clock.instant(), AuditTrail.this::submitted);
    }

    private static int tasks(Object message) {
      if (message instanceof SessionRequest request) {
        return request.getSubmit().getTasksCount();
      }
      return message instanceof SubmitTasksRequest request ? request.getTasksCount() : 1;
    }

    @Override
    public void closed(Status status) {}
  }

  /** What is asked for once, and answered. */
  private final class Action implements Call {
    private final CallRules.Audited what;
    private final String method;
    private final String who;
    private final String address;
    private String name = "";
    private String value = "";

    Action(CallRules.Audited what, MethodDescriptor<?, ?> method, String who, String address) {
      this.what = what;
      this.method = method.getBareMethodName();
      this.who = who;
      this.address = address;
    }

    @Override
    public void received(Object message) {
      if (message instanceof CancelTaskRequest request) {
        object("task", TaskIds.format(request.getTaskId()));
      } else if (message instanceof RequeueTasksRequest request) {
        object("tasks", ids(request.getTaskIdsList()));
      } else if (message instanceof DiscardTasksRequest request) {
        object("tasks", ids(request.getTaskIdsList()));
      } else if (message instanceof BulkTasksRequest request) {
        object(request.getDryRun() ? "dry_run" : "action", request.getAction().name());
      } else if (message instanceof SetPriorityRequest request) {
        object("task", TaskIds.format(request.getTaskId()));
      } else if (message instanceof DrainWorkerRequest request) {
        object("worker", request.getWorkerId());
      } else if (message instanceof RegisterWorkerRequest request) {
        object("worker", request.getWorkerId());
      } else if (message instanceof CreateScheduleRequest request) {
        object("schedule", request.getSchedule().getName());
      } else if (message instanceof ScheduleRequest request) {
        object("schedule", request.getName());
      } else if (message instanceof TriggerScheduleRequest request) {
        object("schedule", request.getName());
      }
    }

    /** The first of them, and how many there are. */
    private static String ids(List<Long> ids) {
      String more = ids.size() > 1 ? " and " + (ids.size() - 1) + " more" : "";
      return ids.isEmpty() ? "" : TaskIds.format(ids.get(0)) + more;
    }

    private void object(String kind, String id) {
      name = kind;
      value = id;
    }

    @Override
    public void closed(Status status) {
      String event = what.name().toLowerCase(java.util.Locale.ROOT);
      AuditLine line = line(event, who, address);
      if (!name.isEmpty()) {
        line.put(name, value);
      }
      if (what == CallRules.Audited.SCHEDULE || what == CallRules.Audited.TASKS) {
        line.put("call", method);
      }
      write(event, line.put("status", status.getCode().name()));
    }
  }
}
