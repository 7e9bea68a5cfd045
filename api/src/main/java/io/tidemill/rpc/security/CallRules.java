package io.tidemill.rpc.security;

import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.tidemill.v1.DispatchServiceGrpc;
import io.tidemill.v1.QueueServiceGrpc;
import io.tidemill.v1.ScheduleServiceGrpc;
import io.tidemill.v1.TaskAdminServiceGrpc;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.WorkerServiceGrpc;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Which role may call what, for every method of every server. What is not here nobody may call. */
final class CallRules {
  /** What the audit log says of a call. */
  enum Audited {
    NOTHING,
    SUBMIT,
    CANCEL,
    TASKS,
    PRIORITY,
    SCHEDULE,
    REGISTER,
    DRAIN,
    RULE,
    REFLECT
  }

  /**
   * One method's.
   *
   * @param open to anybody, without credentials
   * @param roles one of which is needed
   */
  record Rule(boolean open, Set<AccessRole> roles, Audited audited) {}

  private static final Map<String, Rule> RULES = new HashMap<>();

  static {
    // Clients.
    rule(TaskServiceGrpc.getSubmitTaskMethod().getFullMethodName(), Audited.SUBMIT, submit());
    rule(TaskServiceGrpc.getSubmitTasksMethod().getFullMethodName(), Audited.SUBMIT, submit());
    rule(TaskServiceGrpc.getSessionMethod().getFullMethodName(), Audited.SUBMIT, submit());
    rule(TaskServiceGrpc.getGetTaskMethod().getFullMethodName(), Audited.NOTHING, submit());
    rule(TaskServiceGrpc.getWaitTaskMethod().getFullMethodName(), Audited.NOTHING, submit());
    rule(TaskServiceGrpc.getListTasksMethod().getFullMethodName(), Audited.NOTHING, submit());
    rule(TaskServiceGrpc.getGetDependenciesMethod().getFullMethodName(), Audited.NOTHING, submit());
    rule(TaskServiceGrpc.getGetHistoryMethod().getFullMethodName(), Audited.NOTHING, submit());
    rule(TaskServiceGrpc.getExplainTaskMethod().getFullMethodName(), Audited.NOTHING, submit());
    rule(TaskServiceGrpc.getFollowTaskMethod().getFullMethodName(), Audited.NOTHING, submit());
    rule(TaskServiceGrpc.getCancelTaskMethod().getFullMethodName(), Audited.CANCEL, submit());
    rule(TaskServiceGrpc.getCountTasksMethod().getFullMethodName(), Audited.NOTHING, submit());
    rule(TaskServiceGrpc.getSetPriorityMethod().getFullMethodName(), Audited.PRIORITY, submit());
    rule(TaskServiceGrpc.getGetStatsMethod().getFullMethodName(), Audited.NOTHING, anyRole());
    rule(TaskAdminServiceGrpc.getRequeueTasksMethod().getFullMethodName(), Audited.TASKS, submit());
    rule(TaskAdminServiceGrpc.getDiscardTasksMethod().getFullMethodName(), Audited.TASKS, submit());
    rule(TaskAdminServiceGrpc.getBulkTasksMethod().getFullMethodName(), Audited.TASKS, submit());
    // Queues and keys.
    rule(QueueServiceGrpc.getListQueuesMethod().getFullMethodName(), Audited.NOTHING, anyRole());
    rule(QueueServiceGrpc.getListLimitsMethod().getFullMethodName(), Audited.NOTHING, anyRole());
    rule(QueueServiceGrpc.getUpdateQueueMethod().getFullMethodName(), Audited.RULE, admin());
    rule(QueueServiceGrpc.getSetLimitMethod().getFullMethodName(), Audited.RULE, admin());
    rule(QueueServiceGrpc.getDeleteLimitMethod().getFullMethodName(), Audited.RULE, admin());
    rule(
        ScheduleServiceGrpc.getCreateScheduleMethod().getFullMethodName(),
        Audited.SCHEDULE,
        submit());
    rule(ScheduleServiceGrpc.getGetScheduleMethod().getFullMethodName(), Audited.NOTHING, submit());
    rule(
        ScheduleServiceGrpc.getListSchedulesMethod().getFullMethodName(),
        Audited.NOTHING,
        submit());
    rule(
        ScheduleServiceGrpc.getPreviewScheduleMethod().getFullMethodName(),
        Audited.NOTHING,
        submit());
    rule(
        ScheduleServiceGrpc.getDeleteScheduleMethod().getFullMethodName(),
        Audited.SCHEDULE,
        submit());
    rule(
        ScheduleServiceGrpc.getPauseScheduleMethod().getFullMethodName(),
        Audited.SCHEDULE,
        submit());
    rule(
        ScheduleServiceGrpc.getResumeScheduleMethod().getFullMethodName(),
        Audited.SCHEDULE,
        submit());
    rule(
        ScheduleServiceGrpc.getTriggerScheduleMethod().getFullMethodName(),
        Audited.SCHEDULE,
        submit());
    // Workers.
    rule(WorkerServiceGrpc.getRegisterWorkerMethod().getFullMethodName(), Audited.REGISTER, work());
    rule(WorkerServiceGrpc.getHeartbeatMethod().getFullMethodName(), Audited.NOTHING, work());
    rule(DispatchServiceGrpc.getDispatchMethod().getFullMethodName(), Audited.NOTHING, work());
    // People.
    rule(WorkerServiceGrpc.getListWorkersMethod().getFullMethodName(), Audited.NOTHING, anyRole());
    rule(WorkerServiceGrpc.getDrainWorkerMethod().getFullMethodName(), Audited.DRAIN, admin());
    rule(
        ServerReflectionGrpc.getServerReflectionInfoMethod().getFullMethodName(),
        Audited.REFLECT,
        admin());
    // Whoever watches over processes.
    open(HealthGrpc.getCheckMethod().getFullMethodName());
    open(HealthGrpc.getWatchMethod().getFullMethodName());
  }

  private CallRules() {}

  /** Null: there is none. */
  static Rule of(String method) {
    return RULES.get(method);
  }

  private static void rule(String method, Audited audited, Set<AccessRole> roles) {
    RULES.put(method, new Rule(false, roles, audited));
  }

  private static void open(String method) {
    RULES.put(method, new Rule(true, Set.of(), Audited.NOTHING));
  }

  private static Set<AccessRole> submit() {
    return Set.of(AccessRole.SUBMIT);
  }

  private static Set<AccessRole> work() {
    return Set.of(AccessRole.WORK);
  }

  private static Set<AccessRole> admin() {
    return Set.of(AccessRole.ADMIN);
  }

  private static Set<AccessRole> anyRole() {
    return Set.of(AccessRole.values());
  }
}
