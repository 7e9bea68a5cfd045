/** Load to try an instance with: what is submitted when, and what came of it. */
package io.tidemill.cli.load;
