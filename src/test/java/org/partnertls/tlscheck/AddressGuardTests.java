package org.partnertls.tlscheck;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class AddressGuardTests {

	private final AddressGuard guard = new AddressGuard(List.of());

	@ParameterizedTest
	@ValueSource(strings = { "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1",
			"127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1",
			"192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
			"239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8",
			"::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1",
			"2001::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "2620:4f:8000::1",
			"3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "4000::1" })
	void whatIsNotPublicIsRefused(String address) {
		assertThat(this.guard.permits(InetAddress.ofLiteral(address))).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
			"192.0.1.1", "198.17.255.255", "223.255.255.255", "2a00:1450:4001::1a", "2001:4860:4860::8888",
			"64:ff9b::808:808", "2002:808:808::1" })
	void whatIsPublicIsPermitted(String address) {
		assertThat(this.guard.permits(InetAddress.ofLiteral(address))).isTrue();
	}

	@Test
	void aMappedAddressIsUnwrappedEvenWhereJavaDoesNot() throws UnknownHostException {
		byte[] mapped = new byte[16];
		mapped[10] = -1;
		mapped[11] = -1;
		mapped[12] = 127;
		mapped[15] = 1;
		assertThat(this.guard.permits(Inet6Address.getByAddress("mx.example", mapped, -1))).isFalse();
	}

	@Test
	void anAllowedNetworkIsPermittedInEveryForm() {
		AddressGuard lab = new AddressGuard(List.of(Network.of("127.44.0.0/16"), Network.of("fd00::/8")));
		assertThat(lab.permits(InetAddress.ofLiteral("127.44.3.4"))).isTrue();
		assertThat(lab.permits(InetAddress.ofLiteral("64:ff9b::7f2c:304"))).isTrue();
		assertThat(lab.permits(InetAddress.ofLiteral("fd00::1"))).isTrue();
		assertThat(lab.permits(InetAddress.ofLiteral("127.45.0.1"))).isFalse();
		assertThat(lab.permits(InetAddress.ofLiteral("fc00::1"))).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "127.0.0.1", "127.0.0.0/33", "127.0.0.0/-1", "localhost/8", "::1/129", "/8", "1.2.3.4/x" })
	void whatIsNoNetworkIsRefused(String typed) {
		assertThatIllegalArgumentException().isThrownBy(() -> Network.of(typed));
	}

}
