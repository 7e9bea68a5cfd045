package io.tidemill.worker.handlers;

import com.google.protobuf.ByteString;
import io.tidemill.worker.TaskContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts words as GNU {@code wc -w} (coreutils 9.1) does in the C.UTF-8 locale; of ASCII text every
 * locale counts the same.
 *
 * <p>Words are separated by the six ASCII spaces, by the spaces of Unicode, and by the no-break
 * ones, which {@code wc} counts as spaces too. What stands between two separators is a word if at
 * least one character of it can be printed: a lone control character, an unassigned one or a byte
 * that is not UTF-8 makes no word, though within a word each is part of it. A word is the raw
 * bytes, its case kept.
 *
 * <p>The result begins with {@code total\tN}; then comes a line {@code word\tcount} for each word,
 * in the order of the bytes.
 */
final class WordCount {
  private static final int NOT_UTF8 = -1;

  private final byte[] text;
  // Latin-1 strings stand for the bytes of words: compact, hashed once, and in the order of the
  // bytes.
  private final Map<String, int[]> counts = new HashMap<>();
  private int position;
  private int charBytes;
  private long total;

  private WordCount(byte[] text) {
    this.text = text;
  }

  static ByteString handle(TaskContext context) {
    WordCount count = new WordCount(context.payload().toByteArray());
    count.run(context);
    return count.result();
  }

  private void run(TaskContext context) {
    int wordStart = 0;
    boolean printable = false;
    while (position < text.length) {
      int c = nextChar();
      if (isSeparator(c)) {
        add(wordStart, position, printable);
        position += charBytes;
        wordStart = position;
        printable = false;
        StockHandlers.throwIfCancelled(context);
      } else {
        position += charBytes;
        printable |= isPrintable(c);
      }
    }
    add(wordStart, position, printable);
  }

  private void add(int from, int to, boolean printable) {
    if (printable) {
      String word = new String(text, from, to - from, StandardCharsets.ISO_8859_1);
      counts.computeIfAbsent(word, w -> new int[1])[0]++;
      total++;
    }
  }

  /**
   * The character at the position, and how many bytes it has; {@link #NOT_UTF8} for a byte that
   * begins none.
   */
  private int nextChar() {
    int first = text[position];
    charBytes = 1;
    if (first >= 0) {
      return first;
    }
    first &= 0xFF;
    if (first >= 0xC2 && first <= 0xDF) {
      return decode(first & 0x1F, 1, 0x80);
    }
    if (first >= 0xE0 && first <= 0xEF) {
      return decode(first & 0x0F, 2, 0x800);
    }
    if (first >= 0xF0 && first <= 0xF4) {
      return decode(first & 0x07, 3, 0x10000);
    }
    return NOT_UTF8;
  }

  private int decode(int firstBits, int more, int least) {
    if (position + more >= text.length) {
      return NOT_UTF8;
    }
    int c = firstBits;
    for (int i = 1; i <= more; i++) {
      int next = text[position + i];
      if ((next & 0xC0) != 0x80) {
        return NOT_UTF8;
      }
      c = (c << 6) | (next & 0x3F);
    }
    boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
    if (c < least || c > Character.MAX_CODE_POINT || surrogate) {
      return NOT_UTF8;
    }
    charBytes = more + 1;
    return c;
  }

  private static boolean isSeparator(int c) {
    if (c < 0x80) {
      return c == ' ' || (c >= '\t' && c <= '\r');
    }
    return switch (c) {
      case 0xA0, 0x1680, 0x202F, 0x205F, 0x2060, 0x3000 -> true;
      default -> c >= 0x2000 && c <= 0x200A;
    };
  }

  private static boolean isPrintable(int c) {
    if (c < 0x80) {
      return c > ' ' && c < 0x7F;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.UNASSIGNED,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private ByteString result() {
    String[] words = counts.keySet().toArray(new String[0]);
    Arrays.sort(words);
    StringBuilder lines = new StringBuilder("total\t").append(total).append('\n');
    for (String word : words) {
      lines.append(word).append('\t').append(counts.get(word)[0]).append('\n');
    }
    return ByteString.copyFrom(lines.toString(), StandardCharsets.ISO_8859_1);
  }
}
