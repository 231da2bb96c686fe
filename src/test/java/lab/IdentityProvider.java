package lab;

import java.io.IOException;
import java.net.URI;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration;
import org.springframework.boot.servlet.autoconfigure.HttpEncodingAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.MapPropertySource;
import org.springframework.http.MediaType;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configurers.oauth2.server.authorization.OAuth2AuthorizationServerConfigurer;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.oidc.OidcScopes;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.authentication.logout.SecurityContextLogoutHandler;
import org.springframework.security.web.context.SecurityContextHolderFilter;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * The organisation's sign-in in the lab: an OpenID provider in a Spring context of its
 * own, on loopback, with a page on which one picks who to be.
 */
public final class IdentityProvider implements AutoCloseable {

	private static final String CLIENT = "portal";

	/** Who works at the organisation. */
	public static final List<Persona> PERSONAS = List.of(
			new Persona("amina", "Amina Okafor", "amina.okafor@contoso.example", List.of("Portal.Admin")),
			new Persona("tomas", "Tomás Rey", "tomas.rey@contoso.example", List.of("Portal.Admin")),
			new Persona("jonas", "Jonas Lind", "jonas.lind@contoso.example", List.of("Portal.Compliance")),
			new Persona("nadia", "Nadia Roth", "nadia.roth@contoso.example", List.of()));

	/** There is nothing to protect: whoever reaches the page may be anybody. */
	private static final String PASSWORD = "lab";

	private final ConfigurableApplicationContext context;

	private final URI issuer;

	private final String clientSecret;

	private final PortalClient client;

	private IdentityProvider(ConfigurableApplicationContext context, URI issuer, String clientSecret,
			PortalClient client) {
		this.context = context;
		this.issuer = issuer;
		this.clientSecret = clientSecret;
		this.client = client;
	}

	/**
	 * Starts as {@code http://127.0.0.1:<port>}.
	 * @param address where it listens: 127.0.0.1, or all addresses of a container whose
	 * ports are published on loopback
	 * @param port a free port; it is part of the issuer's name and so of people's
	 * identities
	 */
	public static IdentityProvider start(String address, int port, String clientSecret) {
		URI issuer = URI.create("http://127.0.0.1:" + port);
		PortalClient client = new PortalClient(clientSecret);
		// The name keeps the portal's application.yaml out.
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.initializers((starting) -> {
				starting.getEnvironment()
					.getPropertySources()
					.addFirst(new MapPropertySource("lab",
							Map.of("server.address", address, "server.port", port, "server.shutdown", "immediate",
									"server.servlet.session.cookie.name", "LABSIGNIN", "server.servlet.session.timeout",
									"8h")));
				starting.getBeanFactory().registerSingleton("portalClient", client);
				starting.getBeanFactory()
					.registerSingleton("authorizationServerSettings",
							AuthorizationServerSettings.builder().issuer(issuer.toString()).build());
			})
			.properties("spring.main.banner-mode=off", "spring.main.log-startup-info=false")
			.run("--spring.config.name=lab-identity-provider", "--logging.level.root=warn");
		return new IdentityProvider(context, issuer, clientSecret, client);
	}

	public URI issuer() {
		return this.issuer;
	}

	/**
	 * Says where the portal is: nobody else may ask for sign-ins.
	 * @param portal its base URL
	 */
	public void admit(URI portal) {
		this.client.admit(portal);
	}

	/**
	 * What leads the portal here.
	 */
	public Map<String, Object> portalSettings() {
		return Map.of("portal.account.issuer", this.issuer.toString(), "portal.account.client-id", CLIENT,
				"portal.account.client-secret", this.clientSecret);
	}

	@Override
	public void close() {
		this.context.close();
	}

	private static Persona persona(String subject) {
		return PERSONAS.stream().filter((persona) -> persona.subject().equals(subject)).findFirst().orElseThrow();
	}

	/**
	 * Somebody at the organisation.
	 *
	 * @param subject who they are to the portal
	 * @param name their name
	 * @param address their e-mail address
	 * @param roles the application roles given to them
	 */
	public record Persona(String subject, String name, String address, List<String> roles) {

		/** The roles in words. */
		public String roleWords() {
			return this.roles.isEmpty() ? "No role at the portal" : String.join(", ", this.roles);
		}

	}

	/** The one client, whose address is known once the portal has one. */
	static final class PortalClient implements RegisteredClientRepository {

		private final String id = UUID.randomUUID().toString();

		private final String secret;

		private final AtomicReference<RegisteredClient> current = new AtomicReference<>();

		PortalClient(String secret) {
			this.secret = secret;
		}

		void admit(URI portal) {
			save(RegisteredClient.withId(this.id)
				.clientId(CLIENT)
				.clientSecret("{noop}" + this.secret)
				.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
				.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
				.authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
				.redirectUri(portal.resolve("/login/oauth2/code/staff").toString())
				.postLogoutRedirectUri(portal.resolve("/signed-out").toString())
				.scope(OidcScopes.OPENID)
				.scope(OidcScopes.PROFILE)
				.scope(OidcScopes.EMAIL)
				.clientSettings(
						ClientSettings.builder().requireProofKey(true).requireAuthorizationConsent(false).build())
				.tokenSettings(TokenSettings.builder().accessTokenTimeToLive(Duration.ofHours(1)).build())
				.build());
		}

		boolean mayReturnTo(String target) {
			RegisteredClient client = this.current.get();
			return client != null && client.getPostLogoutRedirectUris().contains(target);
		}

		@Override
		public void save(RegisteredClient client) {
			this.current.set(client);
		}

		@Override
		public RegisteredClient findById(String id) {
			RegisteredClient client = this.current.get();
			return (client != null && client.getId().equals(id)) ? client : null;
		}

		@Override
		public RegisteredClient findByClientId(String clientId) {
			return CLIENT.equals(clientId) ? this.current.get() : null;
		}

	}

	/**
	 * The context. What it needs is named, so that it stays the same whatever the
	 * portal's class path grows; the portal's error pages, for one, are not for it.
	 */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableWebSecurity
	@ImportAutoConfiguration({ PropertyPlaceholderAutoConfiguration.class, JacksonAutoConfiguration.class,
			HttpMessageConvertersAutoConfiguration.class, HttpEncodingAutoConfiguration.class,
			TomcatServletWebServerAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
			WebMvcAutoConfiguration.class, SecurityFilterAutoConfiguration.class })
	static class Application {

		@Bean
		@Order(1)
		SecurityFilterChain protocol(HttpSecurity http, PortalClient client) {
			OAuth2AuthorizationServerConfigurer server = new OAuth2AuthorizationServerConfigurer();
			http.securityMatcher(server.getEndpointsMatcher());
			http.with(server, (configurer) -> configurer.oidc((oidc) -> oidc.logoutEndpoint((logout) -> logout
				.errorResponseHandler((request, response, failure) -> signOutAnyway(client, request, response)))));
			http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated());
			http.exceptionHandling(
					(handling) -> handling.authenticationEntryPoint(new LoginUrlAuthenticationEntryPoint("/sign-in")));
			http.addFilterBefore(new AskAgain(), SecurityContextHolderFilter.class);
			return http.build();
		}

		@Bean
		@Order(2)
		SecurityFilterChain pages(HttpSecurity http) {
			http.authorizeHttpRequests((requests) -> requests
				.requestMatchers("/sign-in", "/css/**", "/js/**", "/webjars/**", "/favicon.svg")
				.permitAll()
				.anyRequest()
				.authenticated());
			http.formLogin((login) -> login.loginPage("/sign-in"));
			http.headers(
					(headers) -> headers.contentSecurityPolicy((policy) -> policy.policyDirectives(LabLayout.POLICY)));
			return http.build();
		}

		/**
		 * After the lab was started anew nobody here remembers the sign-in that a
		 * portal's session came from. The person wants to be signed out, and is.
		 */
		private static void signOutAnyway(PortalClient client, HttpServletRequest request, HttpServletResponse response)
				throws IOException {
			new SecurityContextLogoutHandler().logout(request, response, null);
			String target = request.getParameter("post_logout_redirect_uri");
			if (target != null && client.mayReturnTo(target)) {
				response.sendRedirect(target);
			}
			else {
				response.sendError(HttpServletResponse.SC_BAD_REQUEST);
			}
		}

		@Bean
		UserDetailsService people() {
			return new InMemoryUserDetailsManager(PERSONAS.stream()
				.<UserDetails>map((persona) -> User.withUsername(persona.subject())
					.password("{noop}" + PASSWORD)
					.authorities(List.of())
					.build())
				.toList());
		}

		@Bean
		JWKSource<SecurityContext> keys() throws NoSuchAlgorithmException {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
			generator.initialize(2048);
			KeyPair keys = generator.generateKeyPair();
			return new ImmutableJWKSet<>(
					new JWKSet(new RSAKey.Builder((RSAPublicKey) keys.getPublic()).privateKey(keys.getPrivate())
						.keyID(UUID.randomUUID().toString())
						.build()));
		}

		@Bean
		JwtDecoder decoder(JWKSource<SecurityContext> keys) {
			return NimbusJwtDecoder.withJwkSource(keys).build();
		}

		@Bean
		OAuth2TokenCustomizer<JwtEncodingContext> claims() {
			return (context) -> {
				if (OidcParameterNames.ID_TOKEN.equals(context.getTokenType().getValue())) {
					Persona persona = persona(context.getPrincipal().getName());
					context.getClaims()
						.claim("name", persona.name())
						.claim("email", persona.address())
						.claim("preferred_username", persona.address())
						.claim("roles", persona.roles());
				}
			};
		}

		@Bean
		SignInPage signInPage() {
			return new SignInPage();
		}

	}

	/**
	 * Lets people sign in anew when the portal asks for it ({@code prompt=login}, OpenID
	 * Connect Core 3.1.2.1), once for each request.
	 */
	private static final class AskAgain extends OncePerRequestFilter {

		private static final String ASKED = "lab.asked-again";

		private final HttpSessionRequestCache requests = new HttpSessionRequestCache();

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			String state = request.getParameter(OAuth2ParameterNames.STATE);
			HttpSession before = request.getSession(false);
			if (!"login".equals(request.getParameter("prompt")) || state == null
					|| !request.getRequestURI().equals("/oauth2/authorize")
					|| (before != null && state.equals(before.getAttribute(ASKED)))) {
				chain.doFilter(request, response);
				return;
			}
			if (before != null) {
				before.invalidate();
			}
			request.getSession().setAttribute(ASKED, state);
			this.requests.saveRequest(request, response);
			response.sendRedirect("/sign-in");
		}

	}

	/** The page with a button for everybody. */
	@RestController
	static final class SignInPage {

		@GetMapping(path = "/sign-in", produces = MediaType.TEXT_HTML_VALUE)
		String page(CsrfToken csrf, @RequestParam(required = false) String error) {
			String buttons = PERSONAS.stream()
				.map((persona) -> """
						<li class="list-group-item bg-transparent">
						<form method="post" action="/sign-in">
						<input type="hidden" name="%s" value="%s">
						<input type="hidden" name="username" value="%s">
						<input type="hidden" name="password" value="%s">
						<button class="btn btn-quiet w-100 text-start py-2">%s<small class="d-block text-secondary">%s</small></button>
						</form>
						</li>
						"""
					.formatted(csrf.getParameterName(), LabLayout.escape(csrf.getToken()), persona.subject(), PASSWORD,
							LabLayout.escape(persona.name()), LabLayout.escape(persona.roleWords())))
				.collect(Collectors.joining());
			String notice = (error == null) ? "" : "<p class=\"bad-text\">That did not work. Choose again.</p>";
			return LabLayout.page("Sign in", "", """
					<div class="page-narrow p-0"><h1>Sign in to Contoso Bank</h1>
					<p class="lead">Who are you today? In the real world this page is Microsoft Entra ID.</p>
					%s
					<div class="card"><ul class="list-group list-group-flush">%s</ul></div></div>
					""".formatted(notice, buttons));
		}

	}

}
