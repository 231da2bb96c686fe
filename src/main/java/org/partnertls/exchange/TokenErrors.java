package org.partnertls.exchange;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.microsoft.aad.msal4j.MsalServiceException;
import org.jspecify.annotations.Nullable;

/**
 * Says in words why there is no token.
 */
final class TokenErrors {

	private static final Pattern CODE = Pattern.compile("AADSTS(\\d{4,9})");

	private static final Set<String> PASSING = Set.of("90055", "50196", "90033", "90024");

	private static final Map<String, String> HELP = Map.ofEntries(
			Map.entry("7000215",
					"The client secret is wrong. Copy the secret's value (not its id) into"
							+ " portal.exchange.client-secret."),
			Map.entry("7000222",
					"The client secret has expired. Make a new one in the app registration and set"
							+ " portal.exchange.client-secret."),
			Map.entry("7000216",
					"The application must sign in with a certificate or a secret. Set portal.exchange.certificate."),
			Map.entry("700027",
					"The certificate is not registered with the application, or has expired. Upload its public part in"
							+ " the app registration, or set portal.exchange.certificate to the one that is there."),
			Map.entry("700016",
					"The application is not known in this tenant. Check portal.exchange.client-id and"
							+ " portal.exchange.tenant-id."),
			Map.entry("700024",
					"The sign-in was not accepted because of its time. Check that this machine's clock is right."),
			Map.entry("90002", "The tenant is not known. Check portal.exchange.tenant-id and portal.exchange.cloud."),
			Map.entry("900023", "The tenant is not known. Check portal.exchange.tenant-id and portal.exchange.cloud."),
			Map.entry("65001",
					"Nobody has consented to the application's permissions. Grant admin consent for"
							+ " Exchange.ManageAsApp in the app registration."),
			Map.entry("500011",
					"Office 365 Exchange Online is not known in this tenant. Check portal.exchange.cloud, and that the"
							+ " tenant has Exchange Online."),
			Map.entry("53003",
					"A Conditional Access policy blocked the application. Exclude it, or allow this server's address."),
			Map.entry("7000112",
					"The application is switched off in this tenant. Enable it under Enterprise applications."));

	private TokenErrors() {
	}

	static Failure interrupted() {
		return new Failure(Failure.Kind.RETRYABLE,
				"Signing in to Microsoft 365 was interrupted because the portal is stopping. It is tried again.", null,
				null);
	}

	static Failure read(Throwable failure) {
		AuthorityBusy busy = cause(failure, AuthorityBusy.class);
		if (busy != null) {
			return new Failure(Failure.Kind.RETRYABLE,
					"Microsoft's sign-in service is busy or down. Nothing was changed; try again later.",
					Detail.of(busy.getMessage()), busy.retryAfter());
		}
		TokenTransport.NotTheAuthority other = cause(failure, TokenTransport.NotTheAuthority.class);
		if (other != null) {
			return new Failure(Failure.Kind.RETRYABLE,
					"Something other than Microsoft's sign-in service answered, perhaps a proxy. Nothing was changed."
							+ " Check the way out of this server's network.",
					Detail.of(other.getMessage()), null);
		}
		IOException network = cause(failure, IOException.class);
		if (network != null) {
			return new Failure(Failure.Kind.RETRYABLE,
					"Microsoft's sign-in service cannot be reached. Nothing was changed. Check that this server may"
							+ " connect to it (portal.exchange.cloud, portal.exchange.authority).",
					Detail.of(network.getClass().getSimpleName() + ": " + network.getMessage()), null);
		}
		return refusal(failure);
	}

	private static Failure refusal(Throwable failure) {
		String text = Objects.requireNonNullElse(failure.getMessage(), failure.getClass().getSimpleName());
		Matcher code = CODE.matcher(text);
		String number = code.find() ? code.group(1) : "";
		if (PASSING.contains(number)) {
			return new Failure(Failure.Kind.RETRYABLE,
					"Microsoft's sign-in service asks us to slow down. Nothing was changed; try again later.",
					Detail.of(text), null);
		}
		String otherwise = (failure instanceof MsalServiceException)
				? "Microsoft's sign-in service refused the application. Look up the code in its words below, and check"
						+ " portal.exchange.tenant-id, client-id and the certificate or secret."
				: "The portal could not make a sign-in request. Check portal.exchange.certificate and"
						+ " portal.exchange.authority.";
		return new Failure(Failure.Kind.AUTHENTICATION, HELP.getOrDefault(number, otherwise), Detail.of(text), null);
	}

	private static <X extends Throwable> @Nullable X cause(Throwable failure, Class<X> type) {
		Throwable current = failure;
		for (int depth = 0; current != null && depth < 10; depth++) {
			if (type.isInstance(current)) {
				return type.cast(current);
			}
			current = current.getCause();
		}
		return null;
	}

}
