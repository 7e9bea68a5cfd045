/**
 * The journals: what was accepted and what became of it, in append-only files that outlive every
 * process and the host.
 *
 * <p>A journal is a folder with one writing process. Each opening of it by a writer is an
 * incarnation and gets a folder of its own with a Chronicle queue in it, whose cycle files it alone
 * ever writes; see {@link io.tidemill.shm.journal.JournalFolder}. Records are framed and checked by
 * ourselves inside Chronicle's documents, see {@link io.tidemill.shm.journal.RecordDescriptor}, and
 * are read by ourselves too, without Chronicle's index, which is not to be trusted after a crash. A
 * record's {@link io.tidemill.shm.journal.Position} never changes.
 */
package io.tidemill.shm.journal;
