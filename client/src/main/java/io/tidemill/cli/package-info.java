/**
 * The command line: one class a command, each of which prints data to stdout and messages to
 * stderr.
 */
package io.tidemill.cli;
