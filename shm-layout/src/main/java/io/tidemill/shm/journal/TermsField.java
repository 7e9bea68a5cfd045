package io.tidemill.shm.journal;

import static io.tidemill.shm.journal.TermsDescriptor.BYTES_MAX;
import static io.tidemill.shm.journal.TermsDescriptor.DEATHS_MAX_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.DUE_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.END_BY_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.INITIAL_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.JITTER_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.KEY_LENGTH_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.LANE_LENGTH_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.MAX_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.MULTIPLIER_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.PENDING_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.RUN_AT_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.START_BY_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.TENANT_LENGTH_OFFSET;
import static io.tidemill.shm.journal.TermsDescriptor.TEXTS_OFFSET;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Terms on their way into a record. */
final class TermsField {
  private static final byte[] NO_TEXT = {};

  private Terms terms = Terms.NONE;
  private byte[] lane = NO_TEXT;
  private byte[] key = NO_TEXT;
  private byte[] tenant = NO_TEXT;
  private int length;

  /** The record has none. */
  void clear() {
    length = 0;
  }

  /** Takes terms, whose texts and extra must fit into {@link TermsDescriptor#BYTES_MAX}. */
  void set(Terms value) {
    terms = value;
    lane = utf8(value.texts().lane());
    key = utf8(keys(value.texts()));
    tenant = utf8(value.texts().tenant());
    length = TEXTS_OFFSET + lane.length + key.length + tenant.length + value.extra().remaining();
    if (length > BYTES_MAX) {
      int tooLong = length;
      clear();
      throw new IllegalArgumentException(
          "terms are too long for a record: bytes="
              + tooLong
              + " lane="
              + lane.length
              + " key="
              + key.length
              + " tenant="
              + tenant.length
              + " extra="
              + value.extra().remaining()
              + "; at most "
              + BYTES_MAX);
    }
  }

  /** Both keys in one field: records without an affinity key stay as they were. */
  private static String keys(Terms.Texts texts) {
    return texts.affinity().isEmpty()
        ? texts.key()
        : texts.key() + TermsDescriptor.BETWEEN_KEYS + texts.affinity();
  }

  private static byte[] utf8(String text) {
    return text.isEmpty() ? NO_TEXT : text.getBytes(StandardCharsets.UTF_8);
  }

  /** 0: none. */
  int length() {
    return length;
  }

  void put(ByteBuffer target, int at) {
    if (length == 0) {
      return;
    }
    target.putLong(at + DUE_OFFSET, terms.times().due());
    target.putLong(at + RUN_AT_OFFSET, terms.times().runAt());
    target.putLong(at + START_BY_OFFSET, terms.times().startBy());
    target.putLong(at + END_BY_OFFSET, terms.times().endBy());
    target.putInt(at + INITIAL_OFFSET, terms.backoff().initialMillis());
    target.putInt(at + MAX_OFFSET, terms.backoff().maxMillis());
    target.putShort(at + MULTIPLIER_OFFSET, (short) terms.backoff().hundredths());
    target.put(at + JITTER_OFFSET, (byte) terms.backoff().jitterPercent());
    target.put(at + DEATHS_MAX_OFFSET, (byte) terms.workerDeathsMax());
    target.putShort(at + LANE_LENGTH_OFFSET, (short) lane.length);
    target.putShort(at + KEY_LENGTH_OFFSET, (short) key.length);
    target.putShort(at + TENANT_LENGTH_OFFSET, (short) tenant.length);
    target.putShort(at + PENDING_OFFSET, (short) terms.pending());
    int next = putBytes(target, at + TEXTS_OFFSET, lane);
    next = putBytes(target, next, key);
    next = putBytes(target, next, tenant);
    ByteBuffer extra = terms.extra();
    target.put(next, extra, extra.position(), extra.remaining());
  }

  private static int putBytes(ByteBuffer target, int at, byte[] bytes) {
    target.put(at, bytes);
    return at + bytes.length;
  }
}
