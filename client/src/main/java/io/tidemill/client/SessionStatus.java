package io.tidemill.client;

/**
 * How a {@link TaskSession} fares.
 *
 * @param open whether a stream is open now
 * @param closed whether the session is over
 * @param outstanding submissions that have no end yet
 * @param breaks how often an open stream broke
 * @param brokenSinceMillis wall clock, milliseconds since 1970: since when there has been no
 *     stream; 0 if there is one
 * @param lastError why the last stream ended, or could not be opened; null if none did
 * @param repeatedResults results that came again after they had been delivered; they were dropped,
 *     breaks cause them
 * @param contradictions repeated results that differed from the one delivered: the server broke its
 *     promise
 */
public record SessionStatus(
    boolean open,
    boolean closed,
    int outstanding,
    long breaks,
    long brokenSinceMillis,
    TidemillException lastError,
    long repeatedResults,
    long contradictions) {}
