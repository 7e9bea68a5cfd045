package io.tidemill.system.kills;

/** A promise that a history shows broken. */
record Violation(Rule rule, String what) {
  /** The promises. */
  enum Rule {
    /** An acknowledged task has no recorded result. */
    LOST,
    /** A task has two recorded results, or a submission two tasks. */
    DOUBLED,
    /** A client that waited was told nothing. */
    NOT_TOLD,
    /** A client was told something else than what is recorded, or another's result. */
    TOLD_WRONG,
    /** The recorded result is of a lease that was not the newest one, or that nobody ran. */
    STALE_TOKEN,
    /** One lease ran in two processes. */
    LEASE_SHARED,
    /** A worker that lost its lease was not told so, or one that kept it was. */
    NOT_FENCED,
    /** The same request id gave two tasks. */
    RETRY_DIFFERS,
    /** A task was assigned before a better one that was waiting. */
    ORDER,
    /** An acknowledged change of a priority is not in the journal, or not the last word there. */
    PRIORITY_LOST,
    /** A submission was refused or given up. */
    REFUSED
  }
}
