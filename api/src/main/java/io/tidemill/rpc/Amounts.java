package io.tidemill.rpc;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts as people write them: 4, 500k, 8Gi. */
public final class Amounts {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,18})(k|M|G|T|Ki|Mi|Gi|Ti|)");
  private static final Map<String, Long> UNITS =
      Map.of(
          "", 1L,
          "k", 1_000L,
          "M", 1_000_000L,
          "G", 1_000_000_000L,
          "T", 1_000_000_000_000L,
          "Ki", 1L << 10,
          "Mi", 1L << 20,
          "Gi", 1L << 30,
          "Ti", 1L << 40);

  private Amounts() {}

  /**
   * @throws IllegalArgumentException with a sentence, if it is none
   */
  public static long parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    try {
      if (matcher.matches()) {
        long amount =
            Math.multiplyExact(Long.parseLong(matcher.group(1)), UNITS.get(matcher.group(2)));
        if (amount >= 1 && amount <= Names.AMOUNT_MAX) {
          return amount;
        }
      }
    } catch (ArithmeticException tooLarge) {
      // As below.
    }
    throw new IllegalArgumentException(
        "bad amount: value='"
            + text
            + "'; give a whole number of 1 to 2^53, with k, M, G, T, Ki, Mi, Gi or Ti if you like");
  }
}
