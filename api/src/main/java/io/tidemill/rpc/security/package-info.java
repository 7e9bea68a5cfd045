/**
 * Who may call: transport security, bearer tokens, client certificates, sockets of this host, and
 * the log that says who did what. Nothing of it stands in the way of a server that listens on
 * loopback and was told of no credentials.
 */
package io.tidemill.rpc.security;
