/**
 * The clients' front door: accepts and journals tasks, answers for them, and delivers their
 * results.
 */
package io.tidemill.plm;
