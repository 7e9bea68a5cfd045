/**
 * The narrow interface that all code over shared memory goes through: mapped files in production,
 * the heap where a test wants to stop it at any write.
 */
package io.tidemill.shm.memory;
