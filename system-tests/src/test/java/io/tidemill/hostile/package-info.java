/**
 * Hostile and very many peers against real servers: the short form as tests, the long one as a
 * program.
 */
package io.tidemill.hostile;
