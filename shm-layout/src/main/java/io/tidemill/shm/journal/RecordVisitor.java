package io.tidemill.shm.journal;

/** Is shown records one after another. */
@FunctionalInterface
public interface RecordVisitor {
  /** The view is valid during the call only. */
  void visit(RecordView record);
}
