/**
 * Looks at an instance from outside, with no process of it running: what its mapped files and
 * journals hold, whether a client's ledger agrees with them, copies for a backup, and the documents
 * drawn from the layouts.
 */
package io.tidemill.shm.inspect;
