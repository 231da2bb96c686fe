package org.partnertls.tlscheck;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

import org.partnertls.dns.TlsaRecord;
import org.partnertls.tlscheck.Report.DaneFacts;
import org.partnertls.tlscheck.Report.DaneOutcome;
import org.partnertls.tlscheck.Report.TlsaFact;

/**
 * Compares the certificates that a server sent with its TLSA records (RFC 7672 section
 * 3).
 */
final class DaneJudge {

	private static final int DANE_TA = 2;

	private static final int DANE_EE = 3;

	private static final int SHOWN = 128;

	private final List<TlsaRecord> records;

	private final List<String> references;

	/**
	 * Judges by some records.
	 * @param references names of which a certificate below an authority (usage 2) must
	 * have one
	 */
	DaneJudge(List<TlsaRecord> records, List<String> references) {
		this.records = List.copyOf(records);
		this.references = List.copyOf(references);
	}

	static TlsaFact fact(TlsaRecord record) {
		String data = record.data();
		return new TlsaFact(record.usage(), record.selector(), record.matching(),
				data.substring(0, Math.min(SHOWN, data.length())), isUsable(record));
	}

	private static boolean isUsable(TlsaRecord record) {
		boolean usage = record.usage() == DANE_TA || record.usage() == DANE_EE;
		boolean selector = record.selector() == 0 || record.selector() == 1;
		return usage && selector && switch (record.matching()) {
			case 0 -> !record.data().isEmpty();
			case 1 -> record.data().length() == 64;
			case 2 -> record.data().length() == 128;
			default -> false;
		};
	}

	/**
	 * Whether a chain fits.
	 * @param chain as sent
	 * @param at when it was seen
	 */
	DaneFacts judge(List<X509Certificate> chain, Instant at) {
		if (this.records.stream().noneMatch(DaneJudge::isUsable)) {
			return new DaneFacts(DaneOutcome.NOTHING_USABLE, List.of(), "no record can be used");
		}
		List<Integer> matched = new ArrayList<>();
		String nearly = "no record is for the certificate or its issuers";
		for (int i = 0; i < this.records.size(); i++) {
			TlsaRecord record = this.records.get(i);
			if (!isUsable(record)) {
				continue;
			}
			if (record.usage() == DANE_EE && fits(record, chain.getFirst())) {
				matched.add(i);
			}
			if (record.usage() == DANE_TA) {
				String why = anchored(record, chain, at);
				if (why.isEmpty()) {
					matched.add(i);
				}
				else if (!why.equals("-")) {
					nearly = why;
				}
			}
		}
		if (matched.isEmpty()) {
			return new DaneFacts(DaneOutcome.NO_MATCH, List.of(), nearly);
		}
		TlsaRecord first = this.records.get(matched.getFirst());
		return new DaneFacts(DaneOutcome.MATCHED, matched,
				"matched by " + first.usage() + " " + first.selector() + " " + first.matching());
	}

	/**
	 * Whether a chain leads to the authority that a record names.
	 * @return empty when it does, "-" when the authority is not in the chain, else what
	 * is wrong
	 */
	private String anchored(TlsaRecord record, List<X509Certificate> chain, Instant at) {
		X509Certificate anchor = chain.stream().skip(1).filter((sent) -> fits(record, sent)).findFirst().orElse(null);
		if (anchor == null) {
			return "-";
		}
		if (!ChainJudge.leadsTo(chain, anchor, at)) {
			return "the chain does not lead to the authority that the record names, or is out of date";
		}
		List<String> names = CertificateNames.dnsNames(chain.getFirst());
		return this.references.stream().anyMatch((name) -> CertificateNames.anyMatches(names, name)) ? ""
				: "the certificate is from the authority that the record names but for another host";
	}

	private static boolean fits(TlsaRecord record, X509Certificate certificate) {
		try {
			byte[] selected = (record.selector() == 0) ? certificate.getEncoded()
					: certificate.getPublicKey().getEncoded();
			String data = switch (record.matching()) {
				case 1 -> ChainJudge.hex("SHA-256", selected);
				case 2 -> ChainJudge.hex("SHA-512", selected);
				default -> HexFormat.of().formatHex(selected);
			};
			return data.equals(record.data());
		}
		catch (CertificateEncodingException ex) {
			return false;
		}
	}

}
