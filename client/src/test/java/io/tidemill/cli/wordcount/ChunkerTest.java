package io.tidemill.cli.wordcount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunkerTest {
  private static final int WORD_MAX = 4096;

  /** Reads in pieces of any size, as pipes and network files do. */
  private static InputStream inPieces(byte[] bytes, Random random) {
    return new FilterInputStream(new ByteArrayInputStream(bytes)) {
      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        return super.read(into, offset, 1 + random.nextInt(length));
      }
    };
  }

  private static List<ByteString> chunks(byte[] input, int bytesMax, Random random)
      throws IOException {
    Chunker chunker = new Chunker(inPieces(input, random), bytesMax, WORD_MAX);
    List<ByteString> chunks = new ArrayList<>();
    for (ByteString chunk = chunker.next(); chunk != null; chunk = chunker.next()) {
      chunks.add(chunk);
    }
    return chunks;
  }

  private static byte[] randomText(Random random) {
    byte[] text = new byte[random.nextInt(3000)];
    int spaceOneIn = 1 + random.nextInt(60);
    for (int i = 0; i < text.length; i++) {
      boolean space = random.nextInt(spaceOneIn) == 0;
      text[i] =
          (byte) (space ? " \t\n\r\f\u000b".charAt(random.nextInt(6)) : 'a' + random.nextInt(150));
    }
    return text;
  }

  @Test
  void givesTheInputBackWithoutSplittingWords() throws IOException {
    for (int seed = 0; seed < 3000; seed++) {
      Random random = new Random(seed);
      byte[] input = randomText(random);
      int bytesMax = 1 + random.nextInt(200);
      List<ByteString> chunks = chunks(input, bytesMax, random);
      assertThat(ByteString.copyFrom(chunks))
          .as("seed %d", seed)
          .isEqualTo(ByteString.copyFrom(input));
      for (int i = 0; i < chunks.size(); i++) {
        ByteString chunk = chunks.get(i);
        assertThat(chunk.size()).isPositive();
        boolean last = i == chunks.size() - 1;
        assertThat(last || Chunker.isSpace(chunk.byteAt(chunk.size() - 1))).isTrue();
        assertThat(chunk.size() <= bytesMax || isOneWord(chunk)).as("seed %d", seed).isTrue();
      }
    }
  }

  /** One word with the white space that ends it. */
  private static boolean isOneWord(ByteString chunk) {
    for (int i = 0; i < chunk.size() - 1; i++) {
      if (Chunker.isSpace(chunk.byteAt(i))) {
        return false;
      }
    }
    return true;
  }

  @Test
  void givesNothingForEmptyInput() throws IOException {
    assertThat(chunks(new byte[0], 10, new Random(1))).isEmpty();
  }

  @Test
  void refusesWordWithoutEnd() {
    byte[] endless = new byte[WORD_MAX * 2];
    Arrays.fill(endless, (byte) 'x');
    assertThatThrownBy(() -> chunks(endless, 10, new Random(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("longer than");
  }
}
