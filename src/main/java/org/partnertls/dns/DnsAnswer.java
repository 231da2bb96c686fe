package org.partnertls.dns;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What came of a question to the DNS. The three ways are kept apart because they mean
 * different things to a mail domain: what is missing can be judged, what could not be
 * asked cannot.
 *
 * @param <T> a text, an {@link MxHost}, a {@link TlsaRecord} or an
 * {@link java.net.InetAddress}
 */
public sealed interface DnsAnswer<T> {

	/**
	 * What is known of the signatures on it.
	 */
	Dnssec dnssec();

	/**
	 * There are records.
	 *
	 * @param <T> the record
	 * @param records at least one
	 * @param aliases the names that CNAME records led to, in order; empty when the name
	 * itself has the records
	 * @param leftOff how many more there were than we keep
	 * @param gap what could not be asked, in words, when only a part of the question was
	 * answered
	 * @param server which server answered
	 * @param dnssec of the answer and of every alias on the way
	 */
	record Found<T>(List<T> records, List<String> aliases, int leftOff, @Nullable String gap, String server,
			Dnssec dnssec) implements DnsAnswer<T> {

		public Found {
			records = List.copyOf(records);
			aliases = List.copyOf(aliases);
		}

	}

	/**
	 * There are none, and the server is sure.
	 *
	 * @param <T> the record
	 * @param absence in which way
	 * @param server which server answered
	 * @param dnssec of the denial
	 */
	record None<T>(Absence absence, String server, Dnssec dnssec) implements DnsAnswer<T> {

	}

	/**
	 * The question could not be answered: a failing, refusing or silent server, an answer
	 * that makes no sense, a name that cannot be asked for.
	 *
	 * @param <T> the record
	 * @param why one sentence without a full stop, for people
	 * @param failing whether a server answered that it cannot, rather than not at all
	 * @param dnssec {@link Dnssec#BOGUS} when it is the signatures that do not hold
	 */
	record NoAnswer<T>(String why, boolean failing, Dnssec dnssec) implements DnsAnswer<T> {

	}

	/**
	 * In which way there is nothing (RFC 2308).
	 */
	enum Absence {

		/**
		 * The name does not exist at all (NXDOMAIN).
		 */
		NO_SUCH_NAME,

		/**
		 * The name exists but has no record of this type (NODATA).
		 */
		NO_SUCH_RECORD

	}

}
