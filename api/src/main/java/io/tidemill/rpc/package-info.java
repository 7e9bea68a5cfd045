/**
 * What both ends of the gRPC boundary share: ids as text, errors with details, transports with
 * limits.
 */
package io.tidemill.rpc;
