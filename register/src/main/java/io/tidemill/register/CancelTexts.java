package io.tidemill.register;

import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.NoteTable;
import io.tidemill.shm.region.NoteTable.Note;

/**
 * Why tasks are cancelled, in a sentence: what the client said, as long as the PLM's note stands.
 */
final class CancelTexts {
  /** No sentence is longer, with the reason or without. */
  static final int CHARACTERS_MAX = 256;

  private static final String UNEXPLAINED = "cancelled by a client";
  private static final String EXPLAINED = "cancelled: ";

  private final NoteTable notes;

  CancelTexts(Regions regions) {
    this.notes = regions.cancelNotes();
  }

  String of(long taskId) {
    return of(taskId, UNEXPLAINED);
  }

  /** The client's reason goes before what the worker says, and that before a sentence of ours. */
  String of(long taskId, String workerSays) {
    Note note = notes.read(taskId);
    if (note != null && !note.text().isEmpty()) {
      return EXPLAINED + note.text();
    }
    return workerSays.isEmpty() ? UNEXPLAINED : workerSays;
  }
}
