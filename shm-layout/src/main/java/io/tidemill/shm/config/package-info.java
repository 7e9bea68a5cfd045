/** What can be set: every key is declared once, with its unit, default, range and text. */
package io.tidemill.shm.config;
