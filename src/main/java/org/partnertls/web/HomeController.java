package org.partnertls.web;

import java.net.URI;
import java.time.Duration;
import java.util.Set;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.partnertls.account.SignedIn;

import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * Sends everybody to their own start page, and keeps the colours that they chose.
 */
@Controller
class HomeController {

	@GetMapping("/")
	String home(@Nullable SignedIn person) {
		if (person == null) {
			return "redirect:/programme";
		}
		if (person.partnerId() != null) {
			return "redirect:/tasks";
		}
		return person.roles().isEmpty() ? "redirect:/no-access" : "redirect:/overview";
	}

	@PostMapping("/theme")
	String theme(@RequestParam String theme, HttpServletRequest request, HttpServletResponse response) {
		String chosen = Set.of("light", "dark").contains(theme) ? theme : "auto";
		response.addHeader("Set-Cookie",
				ResponseCookie.from("theme", chosen)
					.path("/")
					.httpOnly(true)
					.sameSite("Lax")
					.maxAge(Duration.ofDays(365))
					.build()
					.toString());
		return "redirect:" + back(request);
	}

	// Back to the page of ours that the switch stood on: only its path counts.
	private static String back(HttpServletRequest request) {
		String referer = request.getHeader("Referer");
		if (referer == null) {
			return "/";
		}
		try {
			URI page = URI.create(referer);
			String path = (page.getRawQuery() != null) ? page.getRawPath() + "?" + page.getRawQuery()
					: page.getRawPath();
			return (path != null && path.startsWith("/") && !path.startsWith("//")) ? path : "/";
		}
		catch (IllegalArgumentException ex) {
			return "/";
		}
	}

}
