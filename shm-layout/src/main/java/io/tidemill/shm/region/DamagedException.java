package io.tidemill.shm.region;

/**
 * Something stands in the shared memory that no process of ours writes there. Whoever needs it to
 * go on stops: what is right stands in the journals.
 */
public final class DamagedException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  /**
   * @param found region and value, as key=value
   */
  public DamagedException(String found) {
    super(
        "the shared memory is damaged: "
            + found
            + "; stop the whole instance and delete its mapped files (the folder shm): the next start makes"
            + " them anew from the journals");
  }
}
