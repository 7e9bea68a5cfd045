/** Placement policies on recorded workloads, in simulated time. */
package io.tidemill.bench.placement;
