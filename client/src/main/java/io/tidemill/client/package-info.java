/**
 * The client library: submits tasks and learns their ends, with calls that are safe to retry and
 * sessions that outlive their streams.
 */
package io.tidemill.client;
