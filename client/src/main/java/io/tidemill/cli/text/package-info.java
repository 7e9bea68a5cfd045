/** Text for people: quantities, tables, colours and the progress line. */
package io.tidemill.cli.text;
