package lab;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/**
 * A zone that is signed while it is asked: one key, and for what does not exist an NSEC
 * record that says just that (as Cloudflare does).
 */
final class SignedZone {

	private static final long TTL = 5;

	private final Name apex;

	private final KeyPair pair;

	private final DNSKEYRecord key;

	private final SOARecord soa;

	SignedZone(Name apex) {
		this.apex = apex;
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
			generator.initialize(new ECGenParameterSpec("secp256r1"));
			this.pair = generator.generateKeyPair();
			this.key = new DNSKEYRecord(apex, DClass.IN, TTL, DNSKEYRecord.Flags.ZONE_KEY | DNSKEYRecord.Flags.SEP_KEY,
					DNSKEYRecord.Protocol.DNSSEC, DNSSEC.Algorithm.ECDSAP256SHA256,
					(ECPublicKey) this.pair.getPublic());
		}
		catch (GeneralSecurityException | DNSSEC.DNSSECException ex) {
			throw new IllegalStateException(ex);
		}
		this.soa = new SOARecord(apex, DClass.IN, TTL, apex, apex, 1, 60, 60, 60, TTL);
	}

	Name apex() {
		return this.apex;
	}

	DNSKEYRecord key() {
		return this.key;
	}

	SOARecord soa() {
		return this.soa;
	}

	/**
	 * The signature on records of one name and type.
	 */
	Record sign(List<Record> records) {
		RRset set = new RRset();
		records.forEach(set::addRR);
		try {
			return DNSSEC.sign(set, this.key, this.pair.getPrivate(), Instant.now().minus(Duration.ofHours(1)),
					Instant.now().plus(Duration.ofHours(1)));
		}
		catch (DNSSEC.DNSSECException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * What proves that a name has no record of a type: its authority section.
	 * @param types that it has
	 */
	List<Record> denial(Name name, Set<Integer> types) {
		Set<Integer> all = new TreeSet<>(types);
		all.add(Type.RRSIG);
		all.add(Type.NSEC);
		try {
			Name next = Name.concatenate(Name.fromConstantString("\\000"), name);
			Record nsec = new NSECRecord(name, DClass.IN, TTL, next,
					all.stream().mapToInt(Integer::intValue).toArray());
			List<Record> authority = new ArrayList<>(List.of(this.soa, sign(List.of(this.soa))));
			authority.add(nsec);
			authority.add(sign(List.of(nsec)));
			return authority;
		}
		catch (NameTooLongException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
