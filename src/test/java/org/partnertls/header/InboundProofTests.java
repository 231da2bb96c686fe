package org.partnertls.header;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.partnertls.header.Hop.Writer;
import org.partnertls.header.InboundProof.CannotTell;
import org.partnertls.header.InboundProof.Seen;
import org.partnertls.header.InboundProof.Unreadable;
import org.partnertls.header.TestMessage.Place;
import org.partnertls.organization.DomainName;
import org.partnertls.organization.EmailAddress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * The lines are from public samples; what those cut off (ids, peer addresses, dates, the
 * beginning of a line) is completed here with plausible values.
 */
class InboundProofTests {

	private static final Boundary EXCHANGE_ONLINE = new Boundary(List.of(".mail.protection.outlook.com"),
			EmailAddress.of("tls-test@contoso.example"));

	private static final String TLS13_FROM_TENANT = "from DUZPR08CU001.outbound.protection.outlook.com (40.93.64.64) by"
			+ " DU2PEPF00028CFF.mail.protection.outlook.com (10.167.242.183) with Microsoft SMTP Server"
			+ " (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.21.0.1 via Frontend Transport;"
			+ " Tue, 15 Sep 2026 08:01:02 +0000";

	private static final String TLS12 = "from satlexmb07.amd.com (165.204.84.17) by"
			+ " BL6PEPF0001AB78.mail.protection.outlook.com (10.167.242.171) with Microsoft SMTP Server"
			+ " (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.9542.4 via Frontend Transport;"
			+ " Wed, 21 Jan 2026 14:05:06 +0000";

	private static final String INTERNAL = "from BL6PEPF0001AB78.namprd02.prod.outlook.com (2603:10b6:208:1a0:cafe::4) by"
			+ " MN2PR07CA0010.outlook.office365.com (2603:10b6:208:1a0::20) with Microsoft SMTP Server"
			+ " (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9499.7 via Frontend Transport;"
			+ " Wed, 21 Jan 2026 14:05:07 +0000";

	private static final String HTTPS = "from MN0PR12MB6295.namprd12.prod.outlook.com (::1) by"
			+ " CH3PR12MB7548.namprd12.prod.outlook.com with HTTPS; Wed, 21 Jan 2026 14:05:09.1234567 +0000";

	private static final String SEPPMAIL = "from hz-deliver01.de.seppmail.cloud (162.55.72.218) by"
			+ " AM4PEPF00025F9C.mail.protection.outlook.com (10.167.16.11) with Microsoft SMTP Server"
			+ " (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9499.0 via Frontend Transport;"
			+ " Tue, 30 Dec 2025 07:08:09 +0000";

	private static final String PLAIN = "from krawlspace.online (100.42.79.2) by"
			+ " BN8NAM04FT045.mail.protection.outlook.com (10.13.160.200) with Microsoft SMTP Server id 15.20.6792.24"
			+ " via Frontend Transport; Thu, 21 Sep 2023 10:11:12 +0000";

	static Stream<Arguments> linesOfExchangeOnline() {
		return Stream.of(arguments(TLS13_FROM_TENANT, Tls.TLS_1_3, "40.93.64.64"),
				arguments(TLS12, Tls.TLS_1_2, "165.204.84.17"), arguments(SEPPMAIL, Tls.TLS_1_3, "162.55.72.218"),
				arguments(PLAIN, Tls.NONE, "100.42.79.2"),
				arguments(TLS12.replace("TLS1_2", "TLS1_0"), Tls.LEGACY, "165.204.84.17"),
				arguments(TLS12.replace("TLS1_2", "TLS1_9"), Tls.UNKNOWN_VERSION, "165.204.84.17"));
	}

	@ParameterizedTest
	@MethodSource("linesOfExchangeOnline")
	void exchangeOnlinesLineCountsBelowInternalOnes(String line, Tls tls, String peer) {
		Seen seen = seen(message(HTTPS, INTERNAL, line), EXCHANGE_ONLINE);
		assertThat(seen.tls()).isEqualTo(tls);
		assertThat(seen.hop().peerAddress()).isEqualTo(peer);
		assertThat(seen.hop().byHost()).endsWith(".mail.protection.outlook.com");
		assertThat(seen.hop().writer()).isEqualTo(Writer.EXCHANGE);
		assertThat(seen.hop().time()).isNotNull();
		assertThat(seen.sentence()).contains(peer).contains(tls.words());
	}

	static Stream<Arguments> linesOfGateways() {
		return Stream.of(arguments(
				"from mail.acme.example (mail.acme.example [198.51.100.7]) by chn-vm-ex04.mchp-main.com (10.10.85.152)"
						+ " with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)"
						+ " id 15.1.1713.5; Tue, 29 Oct 2019 01:02:03 -0700",
				Writer.EXCHANGE, Tls.TLS_1_2, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
				arguments("from mail.acme.example (mail.acme.example [198.51.100.7]) (using TLSv1.3 with cipher"
						+ " TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS"
						+ " (4096 bits) server-digest SHA256) (No client certificate requested) by mx.contoso.example"
						+ " (Postfix) with ESMTPS id 4Zabc12345 for <tls-test@contoso.example>; Mon, 6 Jul 2026 09:00:00"
						+ " +0200 (CEST)", Writer.POSTFIX, Tls.TLS_1_3, "TLS_AES_256_GCM_SHA384"),
				arguments(
						"from us-smtp-1.mimecast.com (us-smtp-1.mimecast.com [198.51.100.9]) (using TLSv1.2 with cipher"
								+ " ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)) (Client did not present a certificate) by"
								+ " mimecast-mx02.contoso.example (Postfix) with ESMTPS id B5EDB833963; Mon, 6 Jul 2026 09:00:00"
								+ " +0000",
						Writer.POSTFIX, Tls.TLS_1_2, "ECDHE-RSA-AES256-GCM-SHA384"),
				arguments(
						"from a.example (a.example [198.51.100.7]) by mx.contoso.example (Postfix) with ESMTPS id"
								+ " 4Zabc12345; Mon, 6 Jul 2026 09:00:00 +0000",
						Writer.POSTFIX, Tls.UNKNOWN_VERSION, null),
				arguments("from a.example (a.example [198.51.100.7]) by mx.contoso.example (Postfix) with ESMTP id"
						+ " 4Zabc12345; Mon, 6 Jul 2026 09:00:00 +0000", Writer.POSTFIX, Tls.NONE, null),
				arguments(
						"from a.example ([198.51.100.7] helo=a.example) by drehscheibe.grey.stw.pengutronix.de with"
								+ " esmtps  (TLS1.3) tls TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 (Exim 4.96)"
								+ " (envelope-from <x@a.example>) id 1abcde-000123-AB; Mon, 6 Jul 2026 09:00:00 +0000",
						Writer.EXIM, Tls.TLS_1_3, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
				arguments("from [198.51.100.7] (helo=a.example) by mx.contoso.example with esmtps"
						+ " (TLS1.3:ECDHE_RSA_AES_256_GCM_SHA384:256) (Exim 4.92) id 1abcde; Mon, 6 Jul 2026 09:00:00"
						+ " +0000", Writer.EXIM, Tls.TLS_1_3, "ECDHE_RSA_AES_256_GCM_SHA384"),
				arguments(
						"from a.example ([198.51.100.7]) by mx.contoso.example with esmtpsa"
								+ " (TLSv1.3:TLS_AES_256_GCM_SHA384:256) (Exim 4.94) id 1a; 6 Jul 2026 09:00:00 +0000",
						Writer.EXIM, Tls.TLS_1_3, "TLS_AES_256_GCM_SHA384"),
				arguments("from a.example ([198.51.100.7]) by mx.contoso.example with esmtp (Exim 4.92) id 1abcde;"
						+ " Mon, 6 Jul 2026 09:00:00 +0000", Writer.EXIM, Tls.NONE, null),
				arguments(
						"from a.example (a.example [198.51.100.7]) by NALASPPMTA01.qualcomm.com (8.17.1.5/8.17.1.5) with"
								+ " ESMTPS id 3523QQ8d017143 (version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256"
								+ " verify=NOT); Mon, 6 Jul 2026 09:00:00 GMT",
						Writer.SENDMAIL, Tls.TLS_1_2, "ECDHE-RSA-AES256-GCM-SHA384"),
				arguments("from bn1pr04cu002.outbound.protection.outlook.com"
						+ " (mail-bn1pr04cu00200.outbound.protection.outlook.com [52.101.56.56]) by"
						+ " mx0b-0002e601.pphosted.com (PPS) with ESMTPS id 4fcxwtg39r-1 (version=TLSv1.3"
						+ " cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NOT); Mon, 13 Jul 2026 09:00:00 +0000 (GMT)",
						Writer.PROOFPOINT, Tls.TLS_1_3, "TLS_AES_256_GCM_SHA384"),
				arguments(
						"from a.example (a.example [198.51.100.7]) by mx0a-0002e601.pphosted.com with ESMTP id"
								+ " 2abc-1 (version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=OK);"
								+ " Fri, 13 Jul 2018 09:00:00 +0000",
						Writer.PROOFPOINT, Tls.TLS_1_2, "ECDHE-RSA-AES256-GCM-SHA384"),
				arguments(
						"from mout.perfora.net (mout.perfora.net. [74.208.4.196]) by mx.google.com with ESMTPS id"
								+ " a1-2002.3.2023.01.24 for <tls-test@contoso.example> (version=TLS1_3"
								+ " cipher=TLS_AES_256_GCM_SHA384 bits=256/256); Tue, 24 Jan 2023 09:00:00 -0800 (PST)",
						Writer.GOOGLE, Tls.TLS_1_3, "TLS_AES_256_GCM_SHA384"),
				arguments("from a.example (a.example [198.51.100.7]) by relay.mimecast.com with ESMTP with STARTTLS"
						+ " (version=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384) id us-mta-220-PHuIRXnBPDCgGhZSdEPIPw-1;"
						+ " Mon, 06 Jul 2026 09:00:00 -0400", Writer.MIMECAST, Tls.TLS_1_3, "TLS_AES_256_GCM_SHA384"),
				arguments("from a.example (a.example [198.51.100.7]) by relay.mimecast.com with ESMTP id us-mta-1;"
						+ " Mon, 06 Jul 2026 09:00:00 -0400", Writer.MIMECAST, Tls.NONE, null),
				arguments(
						"from unknown (HELO email.microchip.com) ([170.129.1.10]) by esa3.microchip.iphmx.com with"
								+ " ESMTP/TLS/ECDHE-RSA-AES128-GCM-SHA256; 11 Mar 2026 09:00:00 -0700",
						Writer.CISCO, Tls.UNKNOWN_VERSION, "ECDHE-RSA-AES128-GCM-SHA256"),
				arguments(
						"from unknown (HELO [203.0.113.9]) ([170.129.1.10]) by esa3.microchip.iphmx.com with"
								+ " ESMTP/TLS/TLS_AES_256_GCM_SHA384; 11 Mar 2026 09:00:00 -0700",
						Writer.CISCO, Tls.TLS_1_3, "TLS_AES_256_GCM_SHA384"),
				arguments("from unknown (HELO email.microchip.com) ([170.129.1.10]) by esa3.microchip.iphmx.com with"
						+ " ESMTP; 11 Mar 2026 09:00:00 -0700", Writer.CISCO, Tls.NONE, null),
				arguments("from a.example (198.51.100.7) by mg.richtek.com with MailGates ESMTPS Server"
						+ " V6.0(1234:0:AUTH_RELAY) (envelope-from <x@a.example>) (version=TLSv1.2"
						+ " cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256/256); Mon, 6 Jul 2026 09:00:00 +0800 (CST)",
						Writer.MAILGATES, Tls.TLS_1_2, "ECDHE-RSA-AES256-GCM-SHA384"),
				arguments("from a.example (a.example [IPv6:2001:db8::7]) by mx.contoso.example with UTF8SMTPS id 1;"
						+ " Mon, 6 Jul 2026 09:00:00 +0000", Writer.OTHER, Tls.UNKNOWN_VERSION, null),
				arguments("from a.example (a.example [198.51.100.7]) by mx.contoso.example with SMTP id 1;"
						+ " Mon, 6 Jul 2026 09:00:00 +0000", Writer.OTHER, Tls.NONE, null));
	}

	@ParameterizedTest
	@MethodSource("linesOfGateways")
	void aGatewaysLineCountsWhenItIsOurMx(String line, Writer writer, Tls tls, String cipher) {
		Boundary gateways = new Boundary(List.of("chn-vm-ex04.mchp-main.com", ".contoso.example", ".pengutronix.de",
				".qualcomm.com", ".pphosted.com", ".google.com", ".mimecast.com", ".iphmx.com", "MG.richtek.com"),
				null);
		Seen seen = seen(message(line), gateways);
		assertThat(seen.hop().writer()).isEqualTo(writer);
		assertThat(seen.tls()).isEqualTo(tls);
		assertThat(seen.hop().cipher()).isEqualTo(cipher);
		assertThat(seen.hop().peerAddress()).isIn("198.51.100.7", "198.51.100.9", "52.101.56.56", "74.208.4.196",
				"170.129.1.10", "2001:db8::7");
		assertThat(seen.hop().time()).isNotNull();
	}

	@Test
	void theInternalHopsVersionIsNotTheExternalOnes() {
		assertThat(seen(message(INTERNAL, TLS12), EXCHANGE_ONLINE).tls()).isEqualTo(Tls.TLS_1_2);
		assertThat(seen(message(INTERNAL, PLAIN), EXCHANGE_ONLINE).tls()).isEqualTo(Tls.NONE);
	}

	@Test
	void whatStandsBelowTheBoundaryIsForgeableAndIgnored() {
		assertThat(seen(message(INTERNAL, PLAIN, TLS13_FROM_TENANT), EXCHANGE_ONLINE).tls()).isEqualTo(Tls.NONE);
	}

	@Test
	void aPeerThatClaimsAnInternalNameIsStillOutside() {
		String claimed = PLAIN.replace("krawlspace.online", "AM9PR.eurprd05.prod.outlook.com");
		Seen seen = seen(message(INTERNAL, claimed, TLS13_FROM_TENANT), EXCHANGE_ONLINE);
		assertThat(seen.tls()).isEqualTo(Tls.NONE);
		String fromRentedMachine = claimed.replace("100.42.79.2", "2603:1030:b:3::152");
		assertThat(seen(message(INTERNAL, fromRentedMachine, TLS13_FROM_TENANT), EXCHANGE_ONLINE).tls())
			.isEqualTo(Tls.NONE);
	}

	@Test
	void aSubmissionFromInsideTheTenantIsNoProof() {
		String submitted = "from [192.0.2.4] (203.0.113.4) by AM9PR.eurprd05.prod.outlook.com (2603:10a6:20b::1) with"
				+ " Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.1.1 via Frontend"
				+ " Transport; Wed, 21 Jan 2026 14:05:07 +0000";
		assertThat(cannotTell(message(submitted, TLS12), EXCHANGE_ONLINE).why()).contains("did not come in by our MX");
	}

	@Test
	void aMissingBoundaryLineIsNotAFailure() {
		assertThat(cannotTell(message(HTTPS, INTERNAL), EXCHANGE_ONLINE).why()).contains("copy the whole source");
		assertThat(cannotTell("From: a@b.example\nSubject: x\n\n", EXCHANGE_ONLINE).why())
			.contains("no Received lines");
	}

	@Test
	void aLineOfSomeOtherServerIsNamed() {
		String other = "from a.example (a.example [198.51.100.7]) by mx.fabrikam.example (Postfix) with ESMTPS id 1;"
				+ " Mon, 6 Jul 2026 09:00:00 +0000";
		CannotTell result = cannotTell(message(other, TLS12), EXCHANGE_ONLINE);
		assertThat(result.why()).contains("mx.fabrikam.example").contains("portal.organization.mx-names");
		assertThat(result.hop()).isNotNull();
	}

	@Test
	void withAGatewayAsMxTheGatewaysLineCountsAndNotExchangeOnlines() {
		Boundary boundary = new Boundary(List.of(".mimecast.com"), null);
		String gateway = "from a.example (a.example [198.51.100.7]) by relay.mimecast.com with ESMTP with STARTTLS"
				+ " (version=TLSv1.2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id us-mta-1;"
				+ " Mon, 06 Jul 2026 09:00:00 -0400";
		String handedOver = TLS13_FROM_TENANT.replace("DUZPR08CU001.outbound.protection.outlook.com",
				"us-smtp-delivery-1.mimecast.com");
		assertThat(seen(message(INTERNAL, handedOver, gateway), boundary).tls()).isEqualTo(Tls.TLS_1_2);
		assertThat(cannotTell(message(INTERNAL, TLS13_FROM_TENANT, gateway), boundary).why())
			.contains("past the gateway");
	}

	@Test
	void aGatewaysOwnInnerHopIsPassedOver() {
		Boundary boundary = new Boundary(List.of(".pphosted.com"), null);
		String inner = "from pps.filterd (m0123.ppops.net [127.0.0.1]) by mx0b-0002e601.pphosted.com"
				+ " (8.18.1.2/8.18.1.2) with ESMTP id 4fcx; Mon, 13 Jul 2026 09:00:01 GMT";
		String outer = "from a.example (a.example [198.51.100.7]) by mx0b-0002e601.pphosted.com (PPS) with ESMTPS id 1-1"
				+ " (version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NOT); Mon, 13 Jul 2026 09:00:00 +0000";
		assertThat(seen(message(inner, outer), boundary).tls()).isEqualTo(Tls.TLS_1_3);
	}

	@ParameterizedTest
	@ValueSource(strings = {
			"from x by mx.contoso.example with ESMTPS id 1 (y.example [198.51.100.7]) by mx.contoso.example (Postfix)"
					+ " with ESMTP id 2; Mon, 6 Jul 2026 09:00:00 +0000",
			"from x (y.example [198.51.100.7]) by mx.contoso.example with ESMTP with ESMTPS id 2;"
					+ " Mon, 6 Jul 2026 09:00:00 +0000",
			"from x (y.example [198.51.100.7]) (by mx.contoso.example with ESMTPS id 2; Mon, 6 Jul 2026 09:00:00 +0000" })
	void aLineThatCanBeReadInTwoWaysProvesNothing(String line) {
		Boundary boundary = new Boundary(List.of("mx.contoso.example"), null);
		assertThat(cannotTell(message(line), boundary).why()).contains("cannot be read for certain");
	}

	@Test
	void aCutOffLineIsNotTakenForPlainText() {
		String cut = PLAIN.substring(0, PLAIN.indexOf(" id "));
		assertThat(cannotTell(message(cut), EXCHANGE_ONLINE).why()).contains("cut off");
	}

	@Test
	void evidenceBehindTheDateIsIgnored() {
		String appended = PLAIN + "\r\n (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384)";
		assertThat(seen(message(appended), EXCHANGE_ONLINE).tls()).isEqualTo(Tls.NONE);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\r\n\t", "\n  ", "\r\n", "\n", "\r" })
	void foldedLinesAreReadHoweverTheyWerePasted(String fold) {
		String folded = TLS12.replace(" by ", fold + "by ").replace(" cipher", fold + "cipher");
		String source = "Here is what I see:\n\nReceived: " + folded + "\nFrom: a@b.example\n\nbody";
		Seen seen = seen(source, EXCHANGE_ONLINE);
		assertThat(seen.tls()).isEqualTo(Tls.TLS_1_2);
		assertThat(seen.hop().cipher()).isEqualTo("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
		assertThat(seen.hop().time()).isEqualTo(Instant.parse("2026-01-21T14:05:06Z"));
	}

	@Test
	void theFactsOfTheMessageAreRead() {
		String source = "Return-Path: <bounce+x@mail.acme.example>\r\n" + message(TLS12).replace("To: ",
				"Message-ID: <abc@acme.example>\r\nDate: Wed, 21 Jan 2026 15:05:00 +0100\r\nTo: ");
		TestMessage message = seen(source, EXCHANGE_ONLINE).message();
		assertThat(message.messageId()).isEqualTo("<abc@acme.example>");
		assertThat(message.date()).isEqualTo(Instant.parse("2026-01-21T14:05:00Z"));
		assertThat(message.fromDomain()).isEqualTo(DomainName.of("acme.example"));
		assertThat(message.envelopeDomain()).isEqualTo(DomainName.of("mail.acme.example"));
		assertThat(message.nonce()).isEqualTo(new TestMessage.Nonce("abcdef234567", Place.TO));
		assertThat(message.hops()).hasSize(1);
	}

	@Test
	void theNonceComesFromTheMostTrustworthyPlace() {
		String forUs = TLS12.replace("; Wed", " for <TLS-Test+fromline22@Contoso.example>; Wed");
		assertThat(nonce(message(INTERNAL, forUs), "fromline22")).isEqualTo(Place.RECEIVED);
		String delivered = "Delivered-To: tls-test+delivered2@contoso.example\r\n" + message(TLS12);
		assertThat(nonce(delivered, "delivered2")).isEqualTo(Place.DELIVERED_TO);
		String original = "X-Original-To: tls-test+original22@contoso.example\r\n" + delivered;
		assertThat(nonce(original, "original22")).isEqualTo(Place.X_ORIGINAL_TO);
		// The same words in a line below the boundary were written by the sender.
		assertThat(nonce(message(INTERNAL, TLS12, forUs), "abcdef234567")).isEqualTo(Place.TO);
	}

	@ParameterizedTest
	@ValueSource(strings = { "tls-test@contoso.example", "xtls-test+abcdef2345@contoso.example",
			"tls-test+abcdef2345@contoso.example.evil.example", "tls-test+@contoso.example",
			"tls-test+abcdef2345@fabrikam.example", "a@b.example" })
	void noOtherAddressGivesANonce(String to) {
		String source = message(TLS12).replace("tls-test+abcdef234567@contoso.example", to);
		assertThat(seen(source, EXCHANGE_ONLINE).message().nonce()).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "   \n\n", "hello world", "{\"a\": 1}", "<html><body>Received: yes</body></html>",
			"https://example.com/mail\nfoo: bar", "\u0000\u0001\u0002", "\uD0CF\u11E0\uA1B1" })
	void whatIsNoMailSaysSo(String source) {
		assertThat(InboundProof.read(source, EXCHANGE_ONLINE)).isInstanceOf(Unreadable.class)
			.extracting(InboundProof::sentence)
			.asString()
			.contains("no mail headers");
	}

	@ParameterizedTest
	@ValueSource(strings = { "X-Filler: x\n", " folded\n", "Received: by a.example with SMTP; x\n" })
	void tenThousandHeaderLinesAreTooMany(String line) {
		String source = message(TLS12).replace("\r\n\r\n", "\r\n") + line.repeat(10_000);
		assertThat(InboundProof.read(source, EXCHANGE_ONLINE).sentence()).contains("too many header lines");
	}

	@Test
	void headersWithoutEndAreRefusedAndALongBodyIsNot() {
		String endless = "Received: " + TLS12 + " " + "x".repeat(2_000_000);
		assertThat(InboundProof.read(endless, EXCHANGE_ONLINE).sentence()).contains("longer than 1 MB");
		byte[] bytes = endless.getBytes(StandardCharsets.UTF_8);
		assertThat(InboundProof.read(bytes, EXCHANGE_ONLINE).sentence()).contains("longer than 1 MB");
		byte[] longBody = (message(TLS12) + "x\n".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8);
		assertThat(InboundProof.read(longBody, EXCHANGE_ONLINE)).isInstanceOf(Seen.class);
	}

	@Test
	void atMostTwoHundredHopsAreKept() {
		String[] lines = new String[900];
		java.util.Arrays.fill(lines, INTERNAL);
		assertThat(cannotTell(message(lines), EXCHANGE_ONLINE).message().hops()).hasSize(200);
	}

	@Test
	void everyTextIsBoundedAndOnOneLine() {
		String hostile = PLAIN.replace("krawlspace.online", "x".repeat(3000) + "\u202Eevil\u0007\u2028");
		Seen seen = seen(message(hostile), EXCHANGE_ONLINE);
		assertThat(seen.hop().fromHost()).hasSizeLessThanOrEqualTo(256);
		assertThat(seen.hop().raw()).hasSizeLessThanOrEqualTo(1001);
		String source = message(TLS12).replace("Subject: ",
				"Message-ID: \u202E\u0000" + "y".repeat(5000) + "\nSubject: ");
		assertThat(seen(source, EXCHANGE_ONLINE).message().messageId()).hasSize(256).doesNotContain("\u202E", "\u0000");
	}

	@ParameterizedTest
	@ValueSource(strings = { "(", ")", "((", "\\", ";", "[", "from ", "by ", "with ", "(version=", "tls-test+", "<@",
			"\"", ",", " ", "=?utf-8?q?" })
	void anyRepetitionIsReadInLinearTime(String piece) {
		String noise = piece.repeat(900_000 / piece.length());
		for (String field : List.of("Received", "From", "To", "Date", "Message-ID", "Return-Path", "X-Original-To")) {
			assertTimeoutPreemptively(Duration.ofSeconds(5),
					() -> InboundProof.read(field + ": " + noise + "\nFrom: a@b.example\n\n", EXCHANGE_ONLINE));
		}
	}

	@Test
	void noMutationOfRealLinesThrowsOrTurnsPlainTextIntoTls() {
		Random random = new Random(20260915);
		String source = message(INTERNAL, PLAIN);
		for (int round = 0; round < 3000; round++) {
			StringBuilder mutated = new StringBuilder(source);
			for (int change = random.nextInt(6); change >= 0; change--) {
				int at = random.nextInt(mutated.length());
				switch (random.nextInt(3)) {
					case 0 -> mutated.deleteCharAt(at);
					case 1 -> mutated.setCharAt(at, (char) random.nextInt(256));
					default -> mutated.insert(at, "() ;:\r\n\\[]<>".charAt(random.nextInt(12)));
				}
			}
			if (InboundProof.read(mutated.toString(), EXCHANGE_ONLINE) instanceof Seen seen) {
				assertThat(seen.tls()).as(mutated.toString()).isEqualTo(Tls.NONE);
			}
		}
	}

	private static String message(String... received) {
		StringBuilder source = new StringBuilder();
		for (String line : received) {
			source.append("Received: ").append(line).append("\r\n");
		}
		return source.append("From: \"b@evil.example\" <anna@acme.example>\r\n")
			.append("To: tls-test+abcdef234567@contoso.example\r\nSubject: TLS test\r\n\r\nHello\r\n")
			.toString();
	}

	private static Seen seen(String source, Boundary boundary) {
		InboundProof proof = InboundProof.read(source, boundary);
		assertThat(proof).as(proof.sentence()).isInstanceOf(Seen.class);
		return (Seen) proof;
	}

	private static CannotTell cannotTell(String source, Boundary boundary) {
		InboundProof proof = InboundProof.read(source, boundary);
		assertThat(proof).as(proof.sentence()).isInstanceOf(CannotTell.class);
		return (CannotTell) proof;
	}

	private static Place nonce(String source, String value) {
		TestMessage.Nonce nonce = seen(source, EXCHANGE_ONLINE).message().nonce();
		assertThat(nonce).isNotNull();
		assertThat(nonce.value()).isEqualTo(value);
		return nonce.place();
	}

}
