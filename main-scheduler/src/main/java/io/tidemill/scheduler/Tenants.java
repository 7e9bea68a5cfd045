package io.tidemill.scheduler;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.OrderRules;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.KeyHash;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import java.util.HashMap;
import java.util.Map;

/** Whom tasks are for, and how much of the leases each of them is to have. */
final class Tenants {
  private final TaskTable tasks;
  private final TermsTable terms;
  private final Map<Integer, Integer> weights = new HashMap<>();

  private Tenants(Instance instance) {
    this.tasks = instance.regions().tasks();
    this.terms = instance.regions().terms();
    OrderRules.weights(instance.settings())
        .forEach((name, weight) -> weights.put(KeyHash.ofTenant(name), weight));
  }

  /** Null: they are not told apart. */
  static Tenants of(Instance instance) {
    Settings settings = instance.settings();
    return settings.text(Key.ORDER_FAIRNESS).equals("off") ? null : new Tenants(instance);
  }

  /** The number of the tenant of a slot's task; 0: none. */
  int of(int slot) {
    return tasks.hasTerms(slot) ? terms.tenant(slot) : 0;
  }

  int weight(int tenant) {
    return weights.getOrDefault(tenant, 1);
  }
}
