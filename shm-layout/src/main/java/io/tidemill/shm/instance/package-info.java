/**
 * An instance: its data folder, how its mapped files are opened, made and rebuilt, and who lives in
 * it.
 */
package io.tidemill.shm.instance;
