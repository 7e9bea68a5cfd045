package io.tidemill.cli.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Text that comes in pieces of bytes, whose borders may fall within a character. */
public final class Utf8Stream {
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private ByteBuffer left = ByteBuffer.allocate(0);

  /** As much text as is whole; what is none is shown as the replacement character. */
  public String next(byte[] bytes) {
    ByteBuffer all = ByteBuffer.allocate(left.remaining() + bytes.length);
    all.put(left).put(bytes).flip();
    CharBuffer text = CharBuffer.allocate(all.remaining());
    decoder.decode(all, text, false);
    left = all;
    return text.flip().toString();
  }

  /** What is left belongs to nothing that comes. */
  public void restart() {
    decoder.reset();
    left = ByteBuffer.allocate(0);
  }
}
