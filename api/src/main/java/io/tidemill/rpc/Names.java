package io.tidemill.rpc;

import java.util.regex.Pattern;

/**
 * What the names of queues, labels and amounts may look like: none has a blank, @, =, &gt; or :.
 */
public final class Names {
  public static final String QUEUE_RULE = "has 1 to 64 characters out of A-Z a-z 0-9 . _ : / -";
  public static final String KEY_RULE = "has 1 to 128 printable ASCII characters without blanks";
  public static final String LABEL_RULE =
      "has a name of 1 to 32 and a value of 0 to 64 characters out of A-Z a-z 0-9 . _ / -";
  public static final String AMOUNT_RULE =
      "has a name of 1 to 32 characters out of A-Z a-z 0-9 . _ / - and is 1 to 2^53";

  /** Amounts are whole numbers that each language's numbers can hold. */
  public static final long AMOUNT_MAX = 1L << 53;

  private static final Pattern QUEUE = Pattern.compile("[A-Za-z0-9._:/-]{1,64}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._/-]{1,32}");
  private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9._/-]{0,64}");

  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,128}");

  private Names() {}

  public static boolean isKey(String key) {
    return KEY.matcher(key).matches();
  }

  /** As queues are named. */
  public static boolean isTenant(String name) {
    return isQueue(name);
  }

  public static boolean isQueue(String name) {
    return QUEUE.matcher(name).matches();
  }

  public static boolean isLabel(String name, String value) {
    return NAME.matcher(name).matches() && VALUE.matcher(value).matches();
  }

  public static boolean isAmount(String name, long amount) {
    return NAME.matcher(name).matches() && amount >= 1 && amount <= AMOUNT_MAX;
  }
}
