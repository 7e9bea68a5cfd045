package io.tidemill.shm.journal;

/**
 * What stands in a {@link RecordKind#DEFINITION} record.
 *
 * @param kind the number of a {@link DefinitionKind}, which a later release may have given
 * @param name what it is called
 * @param millis when it was written, by the wall clock
 * @param body opaque here, and not to be changed; empty: it was removed
 * @param sequence of the record
 * @param position of its last copy
 */
@SuppressWarnings("ArrayRecordComponent") // Bodies are not compared.
public record Definition(
    byte kind, String name, long millis, byte[] body, long sequence, long position) {}
