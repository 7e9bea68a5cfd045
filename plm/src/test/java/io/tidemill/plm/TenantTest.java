package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tidemill.rpc.RpcErrors;
import io.tidemill.shm.region.KeyHash;
import io.tidemill.shm.region.TaskId;
import io.tidemill.v1.GetTaskRequest;
import io.tidemill.v1.SubmitTaskRequest;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom tasks are for. */
class TenantTest {
  @TempDir Path folder;

  private static long submit(TestPlm plm, String tenant) {
    TaskSpec spec = Specs.spec().toBuilder().setTenant(tenant).build();
    return plm.calls().submitTask(SubmitTaskRequest.newBuilder().setTask(spec).build()).getTaskId();
  }

  private static void assertTenant(TestPlm plm, long id, String tenant) {
    Task task = plm.calls().getTask(GetTaskRequest.newBuilder().setTaskId(id).build()).getTask();
    assertThat(task.getTenant()).isEqualTo(tenant);
    assertThat(plm.instance().regions().terms().tenant(TaskId.slot(id)))
        .isEqualTo(KeyHash.ofTenant(tenant));
  }

  @Test
  void isKeptWithTheTaskAcrossAReboot() throws Exception {
    Path data = folder.resolve("data");
    long id;
    try (TestPlm plm = TestPlm.start(data)) {
      id = submit(plm, "acme");
      assertTenant(plm, id, "acme");
      assertThat(plm.instance().regions().tasks().hasTerms(TaskId.slot(submit(plm, "")))).isFalse();
    }
    try (var files = Files.list(data.resolve("shm"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    try (TestPlm plm = TestPlm.start(data)) {
      assertTenant(plm, id, "acme");
    }
  }

  @Test
  void isRefusedIfItIsNoName() throws Exception {
    try (TestPlm plm = TestPlm.start(folder.resolve("data"))) {
      for (String bad : new String[] {"a b", "x".repeat(65), "\u00e9"}) {
        Throwable refused = catchThrowable(() -> submit(plm, bad));
        assertThat(RpcErrors.reason(refused)).isEqualTo("TENANT_INVALID");
        assertThat(refused).hasMessageContaining("bad tenant");
      }
    }
  }
}
