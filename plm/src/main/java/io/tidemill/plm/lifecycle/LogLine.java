package io.tidemill.plm.lifecycle;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/**
 * A line of a process's log: {@code 2026-11-30T10:00:00.123Z plm INFO StartUp: sessions=1}, and the
 * stack of a throwable below it. In code, since Logback's patterns make dozens of classes before
 * the first line.
 */
final class LogLine extends LayoutBase<ILoggingEvent> {
  private static final int LEVEL_WIDTH = 5;

  private final String role;
  private final ZoneId zone;

  /**
   * @param role whose log it is
   * @param zone that times are told in
   */
  LogLine(String role, ZoneId zone) {
    this.role = role;
    this.zone = zone;
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(128);
    time(line, Instant.ofEpochMilli(event.getTimeStamp()).atZone(zone));
    line.append(' ').append(role).append(' ');
    String level = event.getLevel().toString();
    line.append(level).append(" ".repeat(Math.max(0, LEVEL_WIDTH - level.length()))).append(' ');
    String logger = event.getLoggerName();
    line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(": ");
    line.append(event.getFormattedMessage()).append(System.lineSeparator());
    if (event.getThrowableProxy() != null) {
      line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    return line.toString();
  }

  private static void time(StringBuilder line, ZonedDateTime at) {
    digits(line, at.getYear(), 4).append('-');
    digits(line, at.getMonthValue(), 2).append('-');
    digits(line, at.getDayOfMonth(), 2).append('T');
    digits(line, at.getHour(), 2).append(':');
    digits(line, at.getMinute(), 2).append(':');
    digits(line, at.getSecond(), 2).append('.');
    digits(line, at.getNano() / 1_000_000, 3).append(at.getOffset().getId());
  }

  private static StringBuilder digits(StringBuilder line, int value, int width) {
    String text = Integer.toString(value);
    return line.append("0".repeat(Math.max(0, width - text.length()))).append(text);
  }
}
