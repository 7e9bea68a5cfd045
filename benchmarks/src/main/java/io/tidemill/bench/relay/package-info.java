/**
 * A relay of the same five processes as Tidemill, with the same hops by gRPC and by futex, that
 * keeps nothing: what any scheduler of this shape is held against.
 */
package io.tidemill.bench.relay;
