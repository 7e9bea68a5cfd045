/**
 * The task heap alone: what a push and a pop cost against what the JDK has, and against the
 * compare-and-sets they stand for.
 */
package io.tidemill.bench.heap;
