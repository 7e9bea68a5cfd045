package io.tidemill.plm;

import io.tidemill.rpc.RpcErrors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a walk over all tasks goes on, as a client carries it from call to call (see {@link
 * TaskWalk}).
 *
 * @param incarnation of the PLM that gave it: another one has numbered the kept tasks anew
 * @param filter a hash of what is looked for
 * @param begun the last sequence that had been drawn when the walk began
 * @param keptBefore the number that the next kept task had when it began
 * @param outcome the highest position of a kept task's outcome then
 * @param inKept whether the slots are behind it
 * @param number of the next kept task to be looked at
 * @param slot the next one to be looked at
 * @param next of a walk among the kept tasks: the lowest position of an outcome that is still to
 *     come
 */
record ListToken(
    long incarnation,
    int filter,
    long begun,
    long keptBefore,
    long outcome,
    boolean inKept,
    long number,
    int slot,
    long next) {
  private static final String HEX = "([0-9a-f]{1,16})";

  private static final Pattern FORM =
      Pattern.compile(
          "w1-([sk])-" + HEX + "-([0-9a-f]{1,8})-" + (HEX + "-").repeat(4) + HEX + "-" + HEX);

  String text() {
    return String.join(
        "-",
        "w1",
        inKept ? "k" : "s",
        Long.toHexString(incarnation),
        Integer.toHexString(filter),
        Long.toHexString(begun),
        Long.toHexString(keptBefore),
        Long.toHexString(outcome),
        Long.toHexString(number),
        Integer.toHexString(slot),
        Long.toHexString(next));
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @param filter hash of what is looked for now
   * @throws io.grpc.StatusRuntimeException if it is no token, or one of another filter
   */
  static ListToken parse(String text, int filter) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw invalid(
          text,
          "not a page token: page_token='"
              + SpecCheck.shown(text)
              + "'; use next_page_token of the answer before, or none");
    }
    if (Integer.parseUnsignedInt(matcher.group(3), 16) != filter) {
      throw invalid(
          text,
          "a page token of another request: page_token='"
              + SpecCheck.shown(text)
              + "'; ask for the same tasks as before, or begin without a token");
    }
    long[] numbers = new long[6];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Long.parseUnsignedLong(matcher.group(4 + i), 16) & Long.MAX_VALUE;
    }
    return new ListToken(
        Long.parseUnsignedLong(matcher.group(2), 16),
        filter,
        numbers[0],
        numbers[1],
        numbers[2],
        matcher.group(1).equals("k"),
        numbers[3],
        (int) Math.min(Integer.MAX_VALUE, numbers[4]),
        numbers[5]);
  }

  private static RuntimeException invalid(String text, String message) {
    return RpcErrors.invalid("PAGE_TOKEN_INVALID", "page_token", SpecCheck.shown(text), message);
  }

  /** The same walk, elsewhere. */
  ListToken at(boolean kept, long newNumber, int newSlot) {
    return new ListToken(
        incarnation, filter, begun, keptBefore, outcome, kept, newNumber, newSlot, 0);
  }

  ListToken withNext(long lowest) {
    return new ListToken(
        incarnation, filter, begun, keptBefore, outcome, inKept, number, slot, lowest);
  }

  /** The same walk where the kept tasks have other numbers. */
  ListToken renumbered(long newIncarnation, long newKeptBefore, long newNumber) {
    return new ListToken(
        newIncarnation, filter, begun, newKeptBefore, outcome, inKept, newNumber, slot, next);
  }
}
