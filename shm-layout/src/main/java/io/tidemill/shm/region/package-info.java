/**
 * The regions of the shared memory, one class each: what stands where, who writes it, and how it is
 * read. The word of a task's slot is the truth; heaps, rings and the mapping are indexes that are
 * rebuilt from it.
 */
package io.tidemill.shm.region;
