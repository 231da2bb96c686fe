package org.partnertls.partner;

/**
 * What is wrong with something typed.
 *
 * @param field the form's field, for example {@code contacts[1].address}
 * @param message a sentence for the person
 */
public record Problem(String field, String message) {
}
