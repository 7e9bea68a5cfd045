/** Peers that keep to no rule, for the tests of every module. */
package io.tidemill.rpc.hostile;
