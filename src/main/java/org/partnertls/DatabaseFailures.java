package org.partnertls;

import java.sql.SQLException;
import java.util.Objects;

import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/**
 * Says in words why the portal or its migration could not start with the database, and
 * what to do. Codes are PostgreSQL's SQLSTATE (appendix A of its manual).
 */
class DatabaseFailures implements FailureAnalyzer {

	// A chain of causes may be a ring.
	private static final int DEEPEST = 50;

	@Override
	public @Nullable FailureAnalysis analyze(Throwable failure) {
		FailureAnalysis found = null;
		Throwable cause = failure;
		for (int i = 0; cause != null && i < DEEPEST; i++) {
			String action = action(cause);
			if (action != null) {
				found = new FailureAnalysis(cause.getMessage(), action, cause);
			}
			cause = cause.getCause();
		}
		return found;
	}

	// The deepest cause that we know is the one to tell: Flyway wraps what the database
	// says.
	private static @Nullable String action(Throwable cause) {
		return switch (cause) {
			case SchemaCheck.OutOfDate outOfDate ->
				"Run \"java -jar portal.jar migrate\" as portal_owner, then start the portal again.";
			case SQLException sql -> action(sql);
			case FlywayException migration ->
				"Mend what is named, then run \"java -jar portal.jar migrate\" again: what was applied before stays, and a failed migration leaves nothing behind.";
			default -> null;
		};
	}

	private static @Nullable String action(SQLException failure) {
		return switch (Objects.requireNonNullElse(failure.getSQLState(), "")) {
			case "28P01", "28000" ->
				"Check the user and the password: spring.datasource.username and spring.datasource.password for the portal, spring.flyway.user and spring.flyway.password for migrate.";
			case "3D000" ->
				"Check spring.datasource.url, or create the database: create database … owner portal_owner. Then run \"java -jar portal.jar migrate\".";
			case "08001", "08004", "08006" ->
				"Check spring.datasource.url and that PostgreSQL runs there and takes connections from this machine.";
			case "53300", "57P03" -> "The database is starting, stopping or full. Try again in a moment.";
			case "42501" ->
				"Run \"java -jar portal.jar migrate\" as portal_owner, which owns the schema; the portal itself runs as portal_app.";
			default -> null;
		};
	}

}
