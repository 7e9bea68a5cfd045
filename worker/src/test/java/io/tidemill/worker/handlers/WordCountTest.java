package io.tidemill.worker.handlers;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordCountTest {
  @TempDir Path folder;

  private static String count(byte[] text) {
    return WordCount.handle(new FakeContext(ByteString.copyFrom(text), Duration.ZERO))
        .toString(StandardCharsets.ISO_8859_1);
  }

  private static long total(byte[] text) {
    String lines = count(text);
    return Long.parseLong(lines.substring("total\t".length(), lines.indexOf('\n')));
  }

  private long wc(byte[] text, String locale) throws IOException, InterruptedException {
    Path file = Files.write(folder.resolve("text"), text);
    ProcessBuilder builder = new ProcessBuilder("wc", "-w", file.toString());
    builder.environment().put("LC_ALL", locale);
    Process process = builder.start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return Long.parseLong(answer.strip().split(" ")[0]);
  }

  @Test
  void listsTheTotalAndThenEachWordInOrder() {
    assertThat(count("to be or\nnot to  be, To\n".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("total\t7\nTo\t1\nbe\t1\nbe,\t1\nnot\t1\nor\t1\nto\t2\n");
  }

  @Test
  void anEmptyTextHasNoWords() {
    assertThat(count(new byte[0])).isEqualTo("total\t0\n");
    assertThat(count(" \t\n".getBytes(StandardCharsets.UTF_8))).isEqualTo("total\t0\n");
  }

  @Test
  void keepsTheBytesOfAWord() {
    byte[] text = "\u00e9t\u00e9 \u00e9t\u00e9".getBytes(StandardCharsets.UTF_8);
    assertThat(count(text))
        .isEqualTo(
            "total\t2\n"
                + new String(
                    "\u00e9t\u00e9".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)
                + "\t2\n");
  }

  @Test
  void countsAsciiAsWcDoesInEveryLocale() throws Exception {
    Random random = new Random(7);
    for (int round = 0; round < 20; round++) {
      byte[] text = new byte[2_000];
      for (int i = 0; i < text.length; i++) {
        // Every byte of ASCII, and spaces often enough that there are short words.
        text[i] = (byte) (random.nextInt(4) == 0 ? ' ' : random.nextInt(128));
      }
      assertThat(total(text)).isEqualTo(wc(text, "C")).isEqualTo(wc(text, "C.UTF-8"));
    }
  }

  @Test
  void countsAnyTextAsWcDoesInUtf8() throws Exception {
    String[] texts = {
      "na\u00efve caf\u00e9 \u2014 d\u00e9j\u00e0 vu",
      "no\u00a0break\u2007spaces\u202fand\u2060joiners",
      "wide\u3000space\u2003em\u2009thin\u1680ogham\u205fmath",
      "line\u2028para\u2029graph \u2028 \u2029",
      "zero\u200bwidth \u200b \ufeff",
      "\ud83d\ude00 smile \ud83d\ude00",
      "\u0080 \u0085 control",
      "\ue000 private",
    };
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      assertThat(total(bytes)).as(text).isEqualTo(wc(bytes, "C.UTF-8"));
    }
  }

  @Test
  void countsBytesThatAreNotUtf8AsWcDoes() throws Exception {
    byte[][] texts = {
      {'a', ' ', (byte) 0xFF, (byte) 0xFE, ' ', 'b'},
      {'a', (byte) 0xFF, 'b', ' ', (byte) 0xC3},
      {(byte) 0xC3, ' ', (byte) 0xA9, ' ', 'x'},
      {(byte) 0xE2, (byte) 0x80, ' ', 'x'},
      {(byte) 0xED, (byte) 0xA0, (byte) 0x80, ' ', 'x'},
    };
    for (byte[] text : texts) {
      assertThat(total(text)).isEqualTo(wc(text, "C.UTF-8"));
    }
  }
}
