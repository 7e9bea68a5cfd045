package io.tidemill.plm;

import io.tidemill.rpc.Names;
import io.tidemill.shm.region.Lane;
import io.tidemill.v1.TaskSpec;
import java.util.Map;

/** The class of work that a submission belongs to: its type, its queue and what it requires. */
final class SpecLane {
  static final int REQUIREMENTS_MAX = 8;

  private SpecLane() {}

  /** Whether its type is all of it: it is for most. */
  static boolean isPlain(TaskSpec spec) {
    return spec.getQueue().isEmpty() && spec.getLabelsCount() == 0 && spec.getAmountsCount() == 0;
  }

  /** Its text. Of a submission that has been checked. */
  static String text(TaskSpec spec) {
    return isPlain(spec) ? spec.getType() : lane(spec).text();
  }

  /** Its text where that is more than the type, else empty: as terms have it. */
  static String textOfTerms(TaskSpec spec) {
    String text = text(spec);
    return Lane.isType(text) ? "" : text;
  }

  private static Lane lane(TaskSpec spec) {
    return Lane.of(spec.getType(), spec.getQueue(), spec.getLabelsMap(), spec.getAmountsMap());
  }

  /** Null if there is nothing wrong with its queue and with what it requires. */
  static Refused check(TaskSpec spec) {
    if (!spec.getKey().isEmpty() && !Names.isKey(spec.getKey())) {
      return refuse("KEY_INVALID", "key", spec.getKey(), "a key " + Names.KEY_RULE);
    }
    if (!spec.getAffinityKey().isEmpty() && !Names.isKey(spec.getAffinityKey())) {
      return refuse(
          "AFFINITY_KEY_INVALID",
          "affinity_key",
          spec.getAffinityKey(),
          "an affinity key " + Names.KEY_RULE);
    }
    if (!spec.getTenant().isEmpty() && !Names.isTenant(spec.getTenant())) {
      return refuse("TENANT_INVALID", "tenant", spec.getTenant(), "a tenant " + Names.QUEUE_RULE);
    }
    if (isPlain(spec)) {
      return null;
    }
    if (!spec.getQueue().isEmpty() && !Names.isQueue(spec.getQueue())) {
      return refuse("QUEUE_INVALID", "queue", spec.getQueue(), "a queue " + Names.QUEUE_RULE);
    }
    if (Math.max(spec.getLabelsCount(), spec.getAmountsCount()) > REQUIREMENTS_MAX) {
      return refuse(
          "REQUIREMENTS_INVALID",
          spec.getLabelsCount() > REQUIREMENTS_MAX ? "labels" : "amounts",
          Math.max(spec.getLabelsCount(), spec.getAmountsCount()) + " of them",
          "there are at most " + REQUIREMENTS_MAX);
    }
    for (Map.Entry<String, String> label : spec.getLabelsMap().entrySet()) {
      if (!Names.isLabel(label.getKey(), label.getValue())) {
        String shown = label.getKey() + "=" + label.getValue();
        return refuse("LABEL_INVALID", "labels", shown, "a label " + Names.LABEL_RULE);
      }
    }
    for (Map.Entry<String, Long> need : spec.getAmountsMap().entrySet()) {
      if (!Names.isAmount(need.getKey(), need.getValue())) {
        String shown = need.getKey() + "=" + Long.toUnsignedString(need.getValue());
        return refuse("AMOUNT_INVALID", "amounts", shown, "an amount " + Names.AMOUNT_RULE);
      }
    }
    return checkLength(spec);
  }

  private static Refused checkLength(TaskSpec spec) {
    int length = lane(spec).text().length();
    return length <= Lane.TEXT_MAX
        ? null
        : refuse(
            "REQUIREMENTS_INVALID",
            "labels",
            length + " characters",
            "type, queue, labels and amounts are too long together: use at most " + Lane.TEXT_MAX);
  }

  private static Refused refuse(String reason, String field, String value, String advice) {
    String shown = SpecCheck.shown(value);
    return Refused.invalid(
        reason, field, shown, "bad " + field + ": value='" + shown + "'; " + advice);
  }
}
