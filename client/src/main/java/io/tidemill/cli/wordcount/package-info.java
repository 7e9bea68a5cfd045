/** The distributed word count: files into chunks, chunks into tasks, results into totals. */
package io.tidemill.cli.wordcount;
