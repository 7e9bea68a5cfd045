/**
 * What Java does not offer and the kernel does: futexes, who holds a lock, allocated files, the
 * boot id.
 */
package io.tidemill.shm.os;
