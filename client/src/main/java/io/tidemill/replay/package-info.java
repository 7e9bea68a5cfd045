/**
 * Recorded workloads: reads what others recorded, keeps what became of each job when it was run
 * again, and tells how that went in figures and plots. Knows nothing of servers.
 */
package io.tidemill.replay;
