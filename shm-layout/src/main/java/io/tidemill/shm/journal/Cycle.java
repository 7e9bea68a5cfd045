package io.tidemill.shm.journal;

import java.nio.file.Path;

/**
 * One file of a journal.
 *
 * @param number its number, the upper bits of the positions in it
 * @param length its apparent length; the files are sparse
 * @param diskBytes what it takes of the disk
 */
public record Cycle(int number, Path file, long length, long diskBytes) {}
