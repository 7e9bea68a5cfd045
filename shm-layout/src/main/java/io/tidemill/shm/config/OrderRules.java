package io.tidemill.shm.config;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which settings of the order of tasks go together, and what tenants' weights look like. */
public final class OrderRules {
  private static final Pattern WEIGHT = Pattern.compile("([A-Za-z0-9._:/-]{1,64})=([0-9]{1,4})");
  private static final int WEIGHT_MAX = 1_000;

  private OrderRules() {}

  /**
   * @throws SettingsException with a sentence that says what is wrong
   */
  static void check(Map<Key, String> values) {
    boolean fair = !values.get(Key.ORDER_FAIRNESS).equals("off");
    if (fair && !values.get(Key.ORDER_AGEING).equals("0")) {
      throw new SettingsException(
          Key.ORDER_FAIRNESS.key()
              + "="
              + values.get(Key.ORDER_FAIRNESS)
              + " and "
              + Key.ORDER_AGEING.key()
              + "="
              + values.get(Key.ORDER_AGEING)
              + " exclude each other: with ageing hardly two tasks are equal; set one of them");
    }
    weights(values.get(Key.ORDER_TENANTS_WEIGHTS));
  }

  /** The weights of tenants by their names. */
  public static Map<String, Integer> weights(Settings settings) {
    return weights(settings.text(Key.ORDER_TENANTS_WEIGHTS));
  }

  private static Map<String, Integer> weights(String text) {
    Map<String, Integer> weights = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      Matcher matcher = WEIGHT.matcher(part.strip());
      boolean known = matcher.matches();
      int weight = known ? Integer.parseInt(matcher.group(2)) : 0;
      if (weight >= 1 && weight <= WEIGHT_MAX) {
        weights.put(matcher.group(1), weight);
      } else if (!text.isBlank()) {
        throw new SettingsException(
            Key.ORDER_TENANTS_WEIGHTS.key()
                + ": not a weight: value='"
                + part.strip()
                + "'; say NAME=WEIGHT with a weight of 1 to "
                + WEIGHT_MAX
                + ", several with commas between");
      }
    }
    return weights;
  }
}
