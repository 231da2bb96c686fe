package org.partnertls.dns;

/**
 * One TLSA record (RFC 6698 section 2.1).
 *
 * @param usage 0 to 255, of which 0 to 3 mean something
 * @param selector 0 the whole certificate, 1 its public key
 * @param matching 0 the bytes themselves, 1 their SHA-256, 2 their SHA-512
 * @param data lower-case hexadecimal
 */
public record TlsaRecord(int usage, int selector, int matching, String data) {

}
