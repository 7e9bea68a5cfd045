package io.tidemill.register;

import com.google.protobuf.ByteString;
import io.tidemill.shm.region.TaskState;

/** A slot between RECORDING and what follows. Reused by {@link Recorder}. Guarded. */
final class Recording {
  int slot;
  long word;
  long taskId;
  long lease;

  /** Who held it, or null. */
  Worker worker;

  /** Null: it goes back into the order. */
  TaskState end;

  /**
   * It goes back since its attempt failed: that is journaled. Otherwise it was handed back, which
   * counts for nothing.
   */
  boolean attemptFailed;

  ByteString result;
  String error;
  long runMicros;

  /** Where its record stands. */
  long position;

  void clear(int ofSlot, long recordingWord) {
    slot = ofSlot;
    word = recordingWord;
    worker = null;
    end = null;
    attemptFailed = false;
    result = ByteString.EMPTY;
    error = "";
    runMicros = 0;
    position = 0;
  }

  void endsAs(TaskState state, String why) {
    end = state;
    error = why;
  }

  boolean isJournaled() {
    return end != null || attemptFailed;
  }
}
