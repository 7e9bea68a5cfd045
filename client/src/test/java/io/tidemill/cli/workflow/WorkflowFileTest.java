package io.tidemill.cli.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.cli.workflow.WorkflowFile.BadWorkflowException;
import io.tidemill.v1.Dependency;
import io.tidemill.v1.DependencyRule;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkflowFileTest {
  @Test
  void readsTasksThatNameEachOther() throws Exception {
    WorkflowFile workflow =
        WorkflowFile.parse(
            """
            {"tasks": [{"name": "b", "type": "t", "after": ["a"], "rule": "ANY_SUCCEEDED", "tenant": "x"},
                       {"name": "a", "type": "u", "payload": "x", "priority": -3, "max_attempts": 2}],
             "then": {"type": "v", "priority": "urgent"}}
            """);
    assertThat(workflow.names()).containsExactly("b", "a", "then");
    assertThat(workflow.specs().get(0).getDependsOnList())
        .containsExactly(Dependency.newBuilder().setIndex(1).build());
    assertThat(workflow.specs().get(0).getDependencyRule())
        .isEqualTo(DependencyRule.DEPENDENCY_RULE_ANY_SUCCEEDED);
    assertThat(workflow.specs().get(1).getPriority()).isEqualTo(-3);
    assertThat(workflow.specs().get(1).getPayload().toStringUtf8()).isEqualTo("x");
    assertThat(workflow.specs().get(0).getTenant()).isEqualTo("x");
    assertThat(workflow.specs().get(0).getPriority()).isZero();
    assertThat(workflow.specs().get(2).getPriority()).isEqualTo(1_000);
    assertThat(workflow.specs().get(2).getDependsOnCount()).isEqualTo(2);
    assertThat(workflow.specs().get(2).getDependencyRule())
        .isEqualTo(DependencyRule.DEPENDENCY_RULE_ALL_ENDED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                                        | not the JSON",
        "{                                                         | not the JSON",
        "{\"tasks\": 3}                                            | not the JSON",
        "{\"tasks\": []}                                           | no tasks",
        "{\"task\": []}                                            | field=task",
        "{\"tasks\": [{\"type\": \"t\"}]}                          | has no name",
        "{\"tasks\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}       | name=a",
        "{\"tasks\": [{\"name\": \"a\", \"after\": [\"b\"]}]}      | after=b",
        "{\"tasks\": [{\"name\": \"a\", \"afer\": []}]}            | field=afer",
        "{\"tasks\": [{\"name\": \"a\", \"rule\": \"all\"}]}       | rule=all",
        "{\"tasks\": [{\"name\": \"a\", \"priority\": \"hi\"}]}    | value='hi'",
        "{\"tasks\": [{\"name\": \"a\", \"priority\": 4e9}]}       | task=a"
      })
  void saysWhatIsWrong(String text, String said) {
    assertThatThrownBy(() -> WorkflowFile.parse(text))
        .isInstanceOf(BadWorkflowException.class)
        .hasMessageContaining(said);
  }

  @Test
  void namesACycle() {
    assertThatThrownBy(
            () ->
                WorkflowFile.parse(
                    """
                    {"tasks": [{"name": "first", "type": "t"},
                               {"name": "a", "type": "t", "after": ["first", "c"]},
                               {"name": "b", "type": "t", "after": ["a"]},
                               {"name": "c", "type": "t", "after": ["b"]},
                               {"name": "last", "type": "t", "after": ["c"]}]}
                    """))
        .isInstanceOf(BadWorkflowException.class)
        .satisfies(
            refused ->
                assertThat(refused.getMessage().replaceAll(".*cycle: | \\(.*", ""))
                    .isIn("a -> c -> b -> a", "b -> a -> c -> b", "c -> b -> a -> c"));
  }

  @Test
  void namesTheFileThatItCannotRead() {
    assertThatThrownBy(() -> WorkflowFile.read(Path.of("no-such-file.json")))
        .isInstanceOf(BadWorkflowException.class)
        .hasMessageContaining("no-such-file.json");
  }
}
