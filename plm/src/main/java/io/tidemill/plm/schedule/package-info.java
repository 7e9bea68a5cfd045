/**
 * When schedules are due: pure functions of the definition, the progress so far and the wall clock.
 * What is submitted, written and awaited is the business of the package above.
 */
package io.tidemill.plm.schedule;
