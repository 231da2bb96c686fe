/**
 * The Partner TLS Portal. Each sub-package is one feature; see its package-info for what
 * it is and what it may use.
 */
@NullMarked
package org.partnertls;

import org.jspecify.annotations.NullMarked;
