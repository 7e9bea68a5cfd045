/**
 * The life of an instance's processes: start, supervision, stop. No server depends on it: what
 * happens here is known from locks, the process table and files in the instance's run folder.
 */
package io.tidemill.plm.lifecycle;
