/** The Register: knows the workers, takes their results, and alone records how tasks end. */
package io.tidemill.register;
