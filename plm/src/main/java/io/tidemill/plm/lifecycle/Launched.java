package io.tidemill.plm.lifecycle;

/** A child of this process, and what it says on its standard streams. */
record Launched(Process process, OutFile out) {}
