/**
 * The register console: what it shows (a snapshot), how it looks (a renderer) and the terminal
 * around it.
 */
package io.tidemill.cli.top;
