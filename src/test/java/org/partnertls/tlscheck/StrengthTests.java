package org.partnertls.tlscheck;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class StrengthTests {

	@ParameterizedTest
	@CsvSource({ "TLS_AES_256_GCM_SHA384, GOOD", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, GOOD",
			"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, GOOD", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, WEAK",
			"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, WEAK", "TLS_RSA_WITH_AES_128_GCM_SHA256, BROKEN",
			"TLS_ECDHE_RSA_WITH_RC4_128_SHA, BROKEN", "SSL_DHE_RSA_WITH_3DES_EDE_CBC_SHA, BROKEN",
			"TLS_ECDH_anon_WITH_AES_128_CBC_SHA, BROKEN", "TLS_ECDHE_RSA_WITH_NULL_SHA, BROKEN" })
	void aSuiteIsRated(String suite, Strength strength) {
		assertThat(Strength.ofSuite(suite)).isEqualTo(strength);
	}

	@ParameterizedTest
	@CsvSource({ "RSA, 1024, BROKEN", "RSA, 2047, BROKEN", "RSA, 2048, WEAK", "RSA, 3071, WEAK", "RSA, 3072, GOOD",
			"EC, 192, BROKEN", "EC, 224, WEAK", "EC, 256, GOOD", "EdDSA, 256, GOOD", "DSA, 2048, BROKEN" })
	void aKeyIsRated(String algorithm, int bits, Strength strength) {
		assertThat(Strength.ofKey(algorithm, bits)).isEqualTo(strength);
	}

	@ParameterizedTest
	@CsvSource({ "SHA1withRSA, BROKEN", "SHA-1withECDSA, BROKEN", "MD5withRSA, BROKEN", "SHA224withRSA, WEAK",
			"SHA256withRSA, GOOD", "SHA384withECDSA, GOOD", "SHA512withRSA, GOOD", "Ed25519, GOOD",
			"RSASSA-PSS, GOOD" })
	void aSignatureIsRated(String algorithm, Strength strength) {
		assertThat(Strength.ofSignature(algorithm)).isEqualTo(strength);
	}

}
