package org.partnertls.web;

import java.util.List;

import com.github.kagkarlsson.scheduler.task.Task;
import org.junit.jupiter.api.Test;
import org.partnertls.PortalTest;

import org.springframework.beans.factory.annotation.Autowired;

import static org.assertj.core.api.Assertions.assertThat;

@PortalTest
class JobsPageTests {

	@Autowired
	private List<Task<?>> tasks;

	@Test
	void everyPieceOfDurableWorkIsSaidInWords() {
		assertThat(this.tasks).extracting(Task::getName)
			.containsExactlyInAnyOrderElementsOf(JobsController.TITLES.stringPropertyNames());
	}

}
