package org.partnertls.tlscheck;

import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.List;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Accepts every certificate and remembers it, so that one handshake shows all there is to
 * judge. Only for probing: over such a connection nothing is sent but EHLO and QUIT.
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
	public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
		this.chain = List.of(chain);
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
		this.chain = List.of(chain);
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String authType) {
		this.chain = List.of(chain);
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

}
