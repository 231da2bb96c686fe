package org.partnertls.tlscheck;

import java.net.InetAddress;

/**
 * A range of addresses in CIDR form (RFC 4632, RFC 4291 section 2.3).
 *
 * @param base any address inside it
 * @param prefix how many leading bits count
 */
public record Network(InetAddress base, int prefix) {

	public Network {
		if (prefix < 0 || prefix > base.getAddress().length * 8) {
			throw new IllegalArgumentException("A network's prefix lies between 0 and its address's number of bits.");
		}
	}

	/**
	 * Reads {@code 127.0.0.0/8} or {@code 2001:db8::/32}; no name is ever looked up.
	 * @param typed an address literal, a slash, a number
	 * @throws IllegalArgumentException when it is none
	 */
	public static Network of(String typed) {
		String trimmed = typed.strip();
		int slash = trimmed.indexOf('/');
		if (slash < 0) {
			throw new IllegalArgumentException("A network looks like 192.0.2.0/24.");
		}
		return new Network(InetAddress.ofLiteral(trimmed.substring(0, slash)),
				Integer.parseInt(trimmed.substring(slash + 1)));
	}

	/**
	 * Whether the address lies inside; one of the other family never does.
	 */
	public boolean contains(InetAddress address) {
		byte[] mine = this.base.getAddress();
		byte[] other = address.getAddress();
		if (mine.length != other.length) {
			return false;
		}
		for (int bit = 0; bit < this.prefix; bit++) {
			int mask = 0x80 >> (bit % 8);
			if ((mine[bit / 8] & mask) != (other[bit / 8] & mask)) {
				return false;
			}
		}
		return true;
	}

	@Override
	public String toString() {
		return this.base.getHostAddress() + "/" + this.prefix;
	}

}
