// Comfort on top of pages that work without it. Everything is delegated, so that swapped content needs no set-up.
(() => {
	const root = document.documentElement;
	root.classList.add('js');

	const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content;

	document.addEventListener('htmx:configRequest', (event) => {
		if (event.detail.verb !== 'get' && meta('_csrf')) {
			event.detail.headers[meta('_csrf_header')] = meta('_csrf');
		}
	});

	const copy = async (button) => {
		const source = document.getElementById(button.dataset.copy);
		const word = button.querySelector('[role=status]');
		const label = (word.dataset.label ??= word.textContent);
		try {
			await navigator.clipboard.writeText(source.textContent);
			word.textContent = button.dataset.done;
		}
		catch {
			// No clipboard outside a secure context: leave it selected for the keyboard.
			getSelection().selectAllChildren(source);
			word.textContent = button.dataset.otherwise;
		}
		setTimeout(() => {
			word.textContent = label;
		}, 4000);
	};

	// A guarded button asks in its dialog first. The box for those without script is ticked on their behalf.
	const ask = (event, button) => {
		event.preventDefault();
		const guard = button.closest('.guard');
		guard.querySelector('[name=understood]').checked = true;
		if (button.form.reportValidity()) {
			guard.querySelector('dialog').showModal();
		}
	};

	document.addEventListener('click', (event) => {
		const button = event.target.closest?.('button');
		if (button?.dataset.copy) {
			copy(button);
		}
		else if (button?.hasAttribute('data-guard')) {
			ask(event, button);
		}
		else if (button?.hasAttribute('data-close')) {
			button.closest('dialog').close();
		}
	});

	// One box for all of a table.
	document.addEventListener('change', (event) => {
		const name = event.target.dataset?.all;
		if (name) {
			event.target.closest('form').querySelectorAll(`input[name="${name}"]`).forEach((box) => {
				box.checked = event.target.checked;
			});
		}
	});

	// The summary lists errors in the order of the fields, which the server does not know, and takes the focus.
	const focusErrors = (within) => {
		const summary = within.querySelector('.errors[role=alert]');
		const field = (item) => document.getElementById(item.querySelector('a')?.hash.slice(1));
		[...(summary?.querySelectorAll('li') ?? [])].filter(field)
			.sort((a, b) => field(a).compareDocumentPosition(field(b)) & Node.DOCUMENT_POSITION_PRECEDING ? 1 : -1)
			.forEach((item) => item.parentNode.append(item));
		summary?.focus();
	};
	document.addEventListener('DOMContentLoaded', () => focusErrors(document));
	document.addEventListener('htmx:afterSwap', (event) => focusErrors(event.target));
})();
