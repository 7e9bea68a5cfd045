package io.tidemill.register;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.StatusRuntimeException;
import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.region.RegionHeader;
import io.tidemill.shm.region.RegionHeader.Kind;
import io.tidemill.shm.region.WorkerTable;
import io.tidemill.shm.region.WorkerTable.Registration;
import io.tidemill.v1.RegisterWorkerRequest;

/**
 * Any bytes as a worker's registration: no message, refused with a sentence, or one that the worker
 * table gives back as it was.
 */
public final class RegistrationFuzz {
  private static final WorkerTable TABLE = table();

  private RegistrationFuzz() {}

  /** What the fuzzer calls, and the replay of its seeds. */
  public static void fuzzerTestOneInput(byte[] input) {
    RegisterWorkerRequest request;
    try {
      request = RegisterWorkerRequest.parseFrom(input);
    } catch (InvalidProtocolBufferException noMessage) {
      return;
    }
    Registration registration;
    try {
      registration = RegistrationRules.check(request);
    } catch (StatusRuntimeException refused) {
      require(refused.getStatus().getDescription() != null, "a refusal without a word");
      return;
    }
    TABLE.enter(0, registration, 1, 2);
    require(registration.equals(TABLE.registration(0)), "a registration is another one");
  }

  private static WorkerTable table() {
    HeapMemory memory = new HeapMemory(Math.toIntExact(WorkerTable.bytes(1)));
    RegionHeader.prepare(memory, Kind.WORKERS, 1, 1, 1);
    return new WorkerTable(memory);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
