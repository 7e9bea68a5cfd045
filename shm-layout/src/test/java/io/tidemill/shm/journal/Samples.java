package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Records whose whole content follows from their number, and what is expected of them. */
final class Samples {
  /** More than any sample takes. */
  static final int BYTES_MAX = 512;

  private static final int PAYLOAD_MAX = 251;

  private Samples() {}

  static JournalSettings small(Path folder) {
    return new JournalSettings(folder, 1 << 20, 1 << 18, 0);
  }

  static SubmissionEncoder fill(SubmissionEncoder encoder, long number) {
    byte[] payload = payload(number);
    encoder
        .task(~number, number * 3, "type-" + number % 7, (int) -number)
        .session(number * 5, number)
        .requestId(number % 3 == 0 ? "" : "request " + number)
        .terms((int) number, 3, (byte) 2)
        .payload(payload, 0, payload.length);
    return number % 5 == 0 ? encoder.terms(terms(number)) : encoder;
  }

  private static Terms terms(long number) {
    byte[] extra = new byte[(int) (number % 9)];
    java.util.Arrays.fill(extra, (byte) 7); // Zeros at the end would not show that it was cut.
    return new Terms(
        new Terms.Times(number, number + 1, number + 2, number + 3),
        new Terms.Backoff(4, 5, 150, 20),
        (int) (number % 256),
        new Terms.Texts("lane " + number, "", "tenant"),
        (int) (number % 7),
        java.nio.ByteBuffer.wrap(extra));
  }

  static long check(SubmissionDecoder decoder, RecordView view) {
    long number = view.sequence();
    decoder.wrap(view);
    boolean sound =
        decoder.taskId() == ~number
            && decoder.submittedMillis() == number * 3
            && decoder.priority() == (int) -number
            && decoder.sessionId() == number * 5
            && decoder.sessionNumber() == number
            && decoder.executionTimeoutMillis() == (int) number
            && decoder.maxAttempts() == 3
            && decoder.durability() == 2
            && decoder.type().equals("type-" + number % 7)
            && decoder.requestId().equals(number % 3 == 0 ? "" : "request " + number)
            && decoder.terms().equals(number % 5 == 0 ? terms(number) : Terms.NONE)
            && java.util.Arrays.equals(decoder.payloadBytes(), payload(number));
    assertThat(sound).as("record %d", number).isTrue();
    return number;
  }

  /** Appends the samples from a number on in one run; returns their positions. */
  static List<Long> append(Journal journal, long from, int count) {
    assertThat(journal.reserve((long) count * BYTES_MAX)).isTrue();
    SubmissionEncoder encoder = new SubmissionEncoder();
    List<Long> positions = new ArrayList<>();
    RunWriter run = journal.begin();
    for (long number = from; number < from + count; number++) {
      positions.add(run.append(number, fill(encoder, number)));
    }
    run.commit();
    return positions;
  }

  /** Scans all of a journal that is expected to be sound; returns the numbers found. */
  static List<Long> numbers(Path folder) {
    List<Long> numbers = new ArrayList<>();
    try (JournalReader reader = new MappedJournalReader(folder)) {
      ScanResult result = reader.scan(Position.NONE, collect(numbers));
      assertThat(result.damage()).isEmpty();
      assertThat(result.records()).isEqualTo(numbers.size());
    }
    return numbers;
  }

  static RecordVisitor collect(List<Long> numbers) {
    SubmissionDecoder decoder = new SubmissionDecoder();
    return view -> numbers.add(check(decoder, view));
  }

  static List<Long> upTo(long end) {
    return java.util.stream.LongStream.range(0, end).boxed().toList();
  }

  private static byte[] payload(long number) {
    byte[] payload = new byte[(int) (number * 31 % PAYLOAD_MAX)];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (number + i);
    }
    return payload;
  }
}
