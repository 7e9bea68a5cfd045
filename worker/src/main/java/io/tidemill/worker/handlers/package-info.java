/**
 * The task types of the stock worker: echo, sleep, spin, prime, wordcount, and exec where it is
 * allowed.
 */
package io.tidemill.worker.handlers;
