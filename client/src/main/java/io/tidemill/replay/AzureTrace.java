package io.tidemill.replay;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/**
 * Arrivals of LLM inferences, as Azure publishes them: a time, the tokens that were read and those
 * that were written. How long each took follows from the tokens.
 */
final class AzureTrace extends LineTrace {
  private static final String HEADING = "TIMESTAMP,ContextTokens,GeneratedTokens";
  private static final LocalDateTime EPOCH = LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC);
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  private final Trace.TokenTimes tokens;
  private int count;

  AzureTrace(String file, Trace.TokenTimes tokens, BadLines bad) {
    super(file, bad);
    this.tokens = tokens;
  }

  @Override
  Job job(String line) throws Unfit {
    if (line.isBlank() || line.equalsIgnoreCase(HEADING)) {
      return null;
    }
    String[] words = line.split(",", -1);
    if (words.length != 3) {
      throw new Unfit("line", line, words.length + " fields where 3 are due");
    }
    long context = tokens("context_tokens", words[1]);
    long generated = tokens("generated_tokens", words[2]);
    return new Job(
        String.valueOf(++count),
        time(words[0].strip()),
        tokens.micros(context, generated),
        1,
        List.of(context, generated),
        List.of());
  }

  private static long time(String text) throws Unfit {
    try {
      return ChronoUnit.MICROS.between(EPOCH, LocalDateTime.parse(text, TIME));
    } catch (DateTimeParseException e) {
      throw new Unfit("timestamp", text, "not a time as 2023-11-16 18:17:03.9799600");
    }
  }

  private long tokens(String field, String text) throws Unfit {
    long count = whole(field, text.strip());
    if (!tokens.isCount(count)) {
      throw new Unfit(field, text, "not a number of tokens");
    }
    return count;
  }
}
