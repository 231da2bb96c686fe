package org.partnertls.dns;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What came of a question to the DNS. The three ways are kept apart because they mean
 * different things to a mail domain: what is missing can be judged, what could not be
 * asked cannot.
 *
 * @param <T> a text, an {@link MxHost} or an {@link java.net.InetAddress}
 */
public sealed interface DnsAnswer<T> {

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
	 */
	record Found<T>(List<T> records, List<String> aliases, int leftOff, @Nullable String gap,
			String server) implements DnsAnswer<T> {

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
	 */
	record None<T>(Absence absence, String server) implements DnsAnswer<T> {

	}

	/**
	 * The question could not be answered: a failing, refusing or silent server, an answer
	 * that makes no sense, a name that cannot be asked for.
	 *
	 * @param <T> the record
	 * @param why one sentence without a full stop, for people
	 */
	record NoAnswer<T>(String why) implements DnsAnswer<T> {

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
