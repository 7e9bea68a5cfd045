/**
 * The Main Scheduler: takes the best ready task, picks a worker, assigns by one compare-and-set and
 * sends it. It alone moves entries in the task heap and the worker heap.
 */
package io.tidemill.scheduler;
