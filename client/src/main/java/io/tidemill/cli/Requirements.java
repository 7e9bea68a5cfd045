package io.tidemill.cli;

import io.tidemill.rpc.Amounts;
import io.tidemill.v1.TaskSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options that say who may run a task. */
final class Requirements {
  @Option(
      names = "--queue",
      paramLabel = "QUEUE",
      description = "Where it waits; workers may take from some queues only (default).")
  String queue = "";

  @Option(
      names = "--require",
      paramLabel = "NAME=VALUE",
      description = "A label that its worker has to have, such as zone=a.")
  Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--need",
      paramLabel = "NAME=AMOUNT",
      description = "How much its worker has to have left, such as cpu=2 or mem=8Gi.")
  Map<String, String> amounts = new LinkedHashMap<>();

  @Option(
      names = "--task-key",
      paramLabel = "KEY",
      description = "What it belongs to, such as user:17: limits may hold for the tasks of a key.")
  String key = "";

  @Option(
      names = "--affinity",
      paramLabel = "KEY",
      description = "Tasks with the same one go to the same worker, if that has a free hand.")
  String affinity = "";

  @Option(
      names = "--tenant",
      paramLabel = "TENANT",
      description = "For whom it is; the server may share its leases out among tenants.")
  String tenant = "";

  void apply(TaskSpec.Builder spec) {
    spec.setQueue(queue)
        .setKey(key)
        .setTenant(tenant)
        .setAffinityKey(affinity)
        .putAllLabels(labels);
    amounts.forEach((name, amount) -> spec.putAmounts(name, parse(name, amount)));
  }

  private static long parse(String name, String amount) {
    try {
      return Amounts.parse(amount);
    } catch (IllegalArgumentException e) {
      throw CliException.usage("need=" + name + ": " + e.getMessage());
    }
  }
}
