package io.github.moa4j.examples.study.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.moa4j.training.data.Example;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AskedFormTest {

  @Test
  void mixesCapitalsAndSmallLetters() {
    Map<String, String> forms = new LinkedHashMap<>();
    Example example = Example.of("Don't stop. List one or two files:\na.txt\n", "ls");
    AskedForm.all()
        .forEach(form -> forms.put(form.title(), form.change().apply(example).question()));

    assertThat(forms)
        .containsEntry("as written", "Don't stop. List one or two files:\na.txt\n")
        .containsEntry("in Title Case", "Don't Stop. List One Or Two Files:\nA.Txt\n")
        .containsEntry("one line in capitals", "Don't stop. List one or two files:\nA.TXT\n")
        .containsEntry("first sentence in capitals", "DON'T STOP. List one or two files:\na.txt\n")
        .containsEntry(
            "every fifth word in capitals", "Don't stop. List one OR two files:\na.txt\n");
  }
}
