package io.tidemill.replay;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Numbers as traces write them, within limits: nothing that anybody writes there overflows. */
final class TraceNumbers {
  private static final int TEXT_MAX = 40;
  private static final BigDecimal MICROS = BigDecimal.valueOf(1_000_000);

  /** Some 30,000 years. */
  static final long SECONDS_MAX = 1_000_000_000_000L;

  private TraceNumbers() {}

  /** A value that is no number, or beyond the limits; the message says which. */
  static final class BadNumber extends Exception {
    private static final long serialVersionUID = 1;

    BadNumber(String why) {
      super(why, null, false, false);
    }
  }

  /** Seconds, with a fraction or not, as microseconds. */
  static long micros(String seconds) throws BadNumber {
    return decimal(seconds).multiply(MICROS).setScale(0, RoundingMode.HALF_UP).longValueExact();
  }

  /** A number without its fraction. */
  static long whole(String text) throws BadNumber {
    return decimal(text).setScale(0, RoundingMode.DOWN).longValueExact();
  }

  private static BigDecimal decimal(String text) throws BadNumber {
    if (text.length() > TEXT_MAX) {
      throw new BadNumber("the number is too long");
    }
    BigDecimal value;
    try {
      value = new BigDecimal(text);
    } catch (NumberFormatException e) {
      throw new BadNumber("not a number");
    }
    // By its digits before anything is made of it: 1e999999999 is a short text.
    long digits = (long) value.precision() - value.scale();
    boolean small = digits < 14 && value.abs().compareTo(BigDecimal.valueOf(SECONDS_MAX)) <= 0;
    if (value.signum() != 0 && (!small || value.scale() > 1_000)) {
      throw new BadNumber("out of range; at most " + SECONDS_MAX);
    }
    return value.signum() == 0 ? BigDecimal.ZERO : value;
  }
}
