/** Files of tasks that wait for each other. */
package io.tidemill.cli.workflow;
