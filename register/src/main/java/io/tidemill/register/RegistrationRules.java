package io.tidemill.register;

import io.grpc.StatusRuntimeException;
import io.tidemill.shm.region.WorkerTable.Registration;
import io.tidemill.v1.RegisterWorkerRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;

/** What a registration has to look like. */
final class RegistrationRules {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9._:/-]{1,128}");
  private static final int CAPACITY_MAX = 10_000;
  private static final int TYPES_MAX = 64;
  private static final int HOST_MAX = 128;

  private RegistrationRules() {}

  /**
   * @throws StatusRuntimeException that names the first field that is wrong
   */
  static Registration check(RegisterWorkerRequest request) {
    checkId(request.getWorkerId());
    if (request.getInstanceId() == 0) {
      throw Refusals.invalid(
          "INSTANCE_ID_INVALID", "instance_id", 0, "is any random number of the process but 0");
    }
    long capacity = Integer.toUnsignedLong(request.getCapacity());
    if (capacity < 1 || capacity > CAPACITY_MAX) {
      throw Refusals.invalid("CAPACITY_INVALID", "capacity", capacity, "is 1 to " + CAPACITY_MAX);
    }
    checkTypes(request);
    Registration registration =
        new Registration(
            request.getWorkerId(),
            request.getInstanceId(),
            request.getCapacity(),
            List.copyOf(new LinkedHashSet<>(request.getTaskTypesList())),
            host(request.getHost()),
            request.getPid(),
            Offers.check(request));
    if (!registration.fits()) {
      throw Refusals.invalid(
          "TASK_TYPES_INVALID",
          "task_types",
          registration.types().size() + " types",
          "have names that are too long together; take shorter names, or two workers");
    }
    return registration;
  }

  static void checkId(String id) {
    if (!ID.matcher(id).matches()) {
      throw Refusals.invalid(
          "WORKER_ID_INVALID",
          "worker_id",
          id,
          "has 1 to 64 characters out of A-Z a-z 0-9 . _ : -");
    }
  }

  private static void checkTypes(RegisterWorkerRequest request) {
    int count = request.getTaskTypesCount();
    if (count < 1 || count > TYPES_MAX) {
      throw Refusals.invalid(
          "TASK_TYPES_INVALID", "task_types", count + " types", "are 1 to " + TYPES_MAX);
    }
    for (String type : request.getTaskTypesList()) {
      if (!TYPE.matcher(type).matches()) {
        throw Refusals.invalid(
            "TASK_TYPES_INVALID",
            "task_types",
            type,
            "have 1 to 128 characters out of A-Z a-z 0-9 . _ : / -");
      }
    }
  }

  /** Only shown to people: cut and cleaned rather than refused. */
  private static String host(String host) {
    String clean = host.replaceAll("[^\\x21-\\x7e]", "");
    return clean.length() > HOST_MAX ? clean.substring(0, HOST_MAX) : clean;
  }
}
