package org.partnertls.audit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.context.ApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Tells the history at each start which settings are in force: those that differ from the
 * start before. Of a secret it says only that it has changed.
 */
@Component
class Settings {

	private static final Pattern SECRET = Pattern.compile(".*(secret|password|token|signing-key).*");

	private static final BCryptPasswordEncoder HASH = new BCryptPasswordEncoder(8);

	private static final long LOCK = 0x7365_7474_696e_6773L;

	private final ApplicationContext context;

	private final JdbcClient jdbc;

	private final AuditLog audit;

	private final Clock clock;

	Settings(ApplicationContext context, JdbcClient jdbc, AuditLog audit, Clock clock) {
		this.context = context;
		this.jdbc = jdbc;
		this.audit = audit;
		this.clock = clock;
	}

	@EventListener(ApplicationReadyEvent.class)
	@Transactional
	public void started() {
		record(inForce());
	}

	/** What is set, by key without {@code portal.}; empty values are left out. */
	Map<String, String> inForce() {
		Map<String, String> settings = new TreeMap<>();
		this.context.getBeansWithAnnotation(ConfigurationProperties.class).values().forEach((bean) -> {
			ConfigurationProperties annotation = AnnotationUtils.findAnnotation(bean.getClass(),
					ConfigurationProperties.class);
			String prefix = (annotation != null) ? annotation.value() : "";
			if (prefix.startsWith("portal.") && bean.getClass().isRecord()) {
				flatten(prefix.substring("portal.".length()), bean, settings);
			}
		});
		return settings;
	}

	private static void flatten(String prefix, Object bean, Map<String, String> settings) {
		for (RecordComponent component : bean.getClass().getRecordComponents()) {
			String name = prefix + "."
					+ ConfigurationPropertyName.adapt(component.getName().replaceAll("([A-Z])", "-$1"), '.');
			Object value = value(bean, component);
			if (value != null && value.getClass().isRecord() && value.getClass().getName().endsWith("Properties")) {
				flatten(name, value, settings);
			}
			else if (value instanceof Collection<?> list) {
				if (!list.isEmpty()) {
					settings.put(name, String.join(", ", list.stream().map(String::valueOf).toList()));
				}
			}
			else if (value != null && !value.toString().isBlank()) {
				settings.put(name, value.toString());
			}
		}
	}

	private static @Nullable Object value(Object bean, RecordComponent component) {
		try {
			component.getAccessor().setAccessible(true);
			return component.getAccessor().invoke(bean);
		}
		catch (IllegalAccessException | InvocationTargetException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Compares with the start before, keeps what is new and writes the event. */
	void record(Map<String, String> settings) {
		// Instances that start together take turns.
		this.jdbc.sql("select pg_advisory_xact_lock(?)").param(LOCK).query((row) -> {
		});
		Map<String, String> before = new TreeMap<>();
		this.jdbc.sql("select name, value from setting_in_force").query((row) -> {
			before.put(row.getString(1), row.getString(2));
		});
		Act act = Act.of("settings.in-force").by(Actor.system("start")).detail("settings", settings.size());
		settings.forEach((name, value) -> {
			String was = before.remove(name);
			boolean secret = SECRET.matcher(name).matches();
			if (was == null || (secret ? !HASH.matches(digest(value), was) : !was.equals(value))) {
				act.change(name, secret ? ((was != null) ? "a secret" : null) : was, secret ? "another secret" : value);
				this.jdbc.sql("""
						insert into setting_in_force (name, value, since) values (?, ?, ?)
						on conflict (name) do update set value = excluded.value, since = excluded.since""")
					.params(name, secret ? HASH.encode(digest(value)) : value, AuditLog.utc(this.clock.instant()))
					.update();
			}
		});
		before.forEach((name, was) -> {
			act.change(name, SECRET.matcher(name).matches() ? "a secret" : was, null);
			this.jdbc.sql("delete from setting_in_force where name = ?").param(name).update();
		});
		this.audit.append(act.detail("differences", act.changes.size()));
	}

	/** A secret may be longer than what bcrypt reads. */
	private static String digest(String secret) {
		try {
			return Base64.getEncoder()
				.encodeToString(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every Java platform has SHA-256", ex);
		}
	}

}
