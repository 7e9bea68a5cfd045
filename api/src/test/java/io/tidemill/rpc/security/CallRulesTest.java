package io.tidemill.rpc.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.tidemill.v1.DispatchServiceGrpc;
import io.tidemill.v1.QueueServiceGrpc;
import io.tidemill.v1.ScheduleServiceGrpc;
import io.tidemill.v1.TaskAdminServiceGrpc;
import io.tidemill.v1.TaskServiceGrpc;
import io.tidemill.v1.WorkerServiceGrpc;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CallRulesTest {
  private static Stream<String> methods(ServiceDescriptor... services) {
    return Stream.of(services)
        .flatMap(service -> service.getMethods().stream())
        .map(MethodDescriptor::getFullMethodName);
  }

  private static Stream<String> own() {
    return methods(
        TaskServiceGrpc.getServiceDescriptor(),
        TaskAdminServiceGrpc.getServiceDescriptor(),
        QueueServiceGrpc.getServiceDescriptor(),
        WorkerServiceGrpc.getServiceDescriptor(),
        DispatchServiceGrpc.getServiceDescriptor(),
        ScheduleServiceGrpc.getServiceDescriptor());
  }

  @Test
  void hasARuleForEachMethodThatAnyServerServes() {
    Stream<String> all =
        Stream.concat(
            own(),
            methods(
                HealthGrpc.getServiceDescriptor(), ServerReflectionGrpc.getServiceDescriptor()));
    assertThat(all).allSatisfy(method -> assertThat(CallRules.of(method)).as(method).isNotNull());
  }

  @Test
  void opensNoMethodOfOursToAnybody() {
    assertThat(own()).noneMatch(method -> CallRules.of(method).open());
    assertThat(
            CallRules.of(ServerReflectionGrpc.getServerReflectionInfoMethod().getFullMethodName()))
        .returns(false, CallRules.Rule::open);
  }

  /** Written out a second time, so that a slip of the pen in the table does not go unseen. */
  @Test
  void givesEachRoleItsMethodsAndNoOthers() {
    TreeMap<String, Set<AccessRole>> roles = new TreeMap<>();
    own().forEach(m -> roles.put(m.substring(m.indexOf('/') + 1), CallRules.of(m).roles()));
    Set<AccessRole> submit = Set.of(AccessRole.SUBMIT);
    Set<AccessRole> work = Set.of(AccessRole.WORK);
    Set<AccessRole> any = Set.of(AccessRole.values());
    assertThat(roles)
        .containsExactly(
            java.util.Map.entry("BulkTasks", submit),
            java.util.Map.entry("CancelTask", submit),
            java.util.Map.entry("CountTasks", submit),
            java.util.Map.entry("CreateSchedule", submit),
            java.util.Map.entry("DeleteLimit", Set.of(AccessRole.ADMIN)),
            java.util.Map.entry("DeleteSchedule", submit),
            java.util.Map.entry("DiscardTasks", submit),
            java.util.Map.entry("Dispatch", work),
            java.util.Map.entry("DrainWorker", Set.of(AccessRole.ADMIN)),
            java.util.Map.entry("ExplainTask", submit),
            java.util.Map.entry("FollowTask", submit),
            java.util.Map.entry("GetDependencies", submit),
            java.util.Map.entry("GetHistory", submit),
            java.util.Map.entry("GetSchedule", submit),
            java.util.Map.entry("GetStats", any),
            java.util.Map.entry("GetTask", submit),
            java.util.Map.entry("Heartbeat", work),
            java.util.Map.entry("ListLimits", any),
            java.util.Map.entry("ListQueues", any),
            java.util.Map.entry("ListSchedules", submit),
            java.util.Map.entry("ListTasks", submit),
            java.util.Map.entry("ListWorkers", any),
            java.util.Map.entry("PauseSchedule", submit),
            java.util.Map.entry("PreviewSchedule", submit),
            java.util.Map.entry("RegisterWorker", work),
            java.util.Map.entry("RequeueTasks", submit),
            java.util.Map.entry("ResumeSchedule", submit),
            java.util.Map.entry("Session", submit),
            java.util.Map.entry("SetLimit", Set.of(AccessRole.ADMIN)),
            java.util.Map.entry("SetPriority", submit),
            java.util.Map.entry("SubmitTask", submit),
            java.util.Map.entry("SubmitTasks", submit),
            java.util.Map.entry("TriggerSchedule", submit),
            java.util.Map.entry("UpdateQueue", Set.of(AccessRole.ADMIN)),
            java.util.Map.entry("WaitTask", submit));
  }

  @Test
  void hasNoRuleForWhatIsNotThere() {
    assertThat(CallRules.of("tidemill.v1.TaskService/DropEverything")).isNull();
  }
}
