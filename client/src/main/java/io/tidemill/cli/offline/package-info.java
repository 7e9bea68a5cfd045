/** What the commands that need no server print: reports and accounts, for people and as JSON. */
package io.tidemill.cli.offline;
