/** The Main Scheduler's own order and policies, run in simulated time without its processes. */
package io.tidemill.scheduler;
