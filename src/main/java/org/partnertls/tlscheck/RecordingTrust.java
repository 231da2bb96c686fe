package org.partnertls.tlscheck;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Accepts every certificate that it can work with and remembers it, so that one handshake
 * shows all there is to judge. Only for probing: over such a connection nothing is sent
 * but EHLO and QUIT.
 */
final class RecordingTrust extends X509ExtendedTrustManager {

	private volatile List<X509Certificate> chain = List.of();

	/**
	 * The certificates in the order in which they were sent; empty before the handshake.
	 */
	List<X509Certificate> chain() {
		return this.chain;
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
			throws CertificateException {
		record(chain);
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
			throws CertificateException {
		record(chain);
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
		record(chain);
	}

	private void record(X509Certificate[] sent) throws CertificateException {
		this.chain = List.of(sent);
		if (ChainJudge.isTooLarge(sent[0])) {
			// Before its signature is verified, which is what takes the time.
			throw new KeyTooLarge();
		}
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
		throw new UnsupportedOperationException("A probe is always the client");
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
		throw new UnsupportedOperationException("A probe is always the client");
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String authType) {
		throw new UnsupportedOperationException("A probe is always the client");
	}

	@Override
	public X509Certificate[] getAcceptedIssuers() {
		return new X509Certificate[0];
	}

	/**
	 * The server's key is too large to work with.
	 */
	static final class KeyTooLarge extends CertificateException {

		KeyTooLarge() {
			super("the server's key is absurdly large");
		}

	}

}
