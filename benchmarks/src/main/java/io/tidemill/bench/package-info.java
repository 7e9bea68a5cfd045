/** Benchmarks: each has a main class that a script of scripts/bench starts. */
package io.tidemill.bench;
