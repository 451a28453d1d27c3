package io.github.moa4j.core.store;

import static io.github.moa4j.core.store.SampleVersions.labelOf;
import static io.github.moa4j.core.store.SampleVersions.labelled;

import com.fasterxml.jackson.annotation.JacksonAnnotation;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;

/**
 * A program that changes a mixture in a loop, to be killed or to compete with others. Change number
 * n is the same in every process: it sets the router with the label n and, in the same commit,
 * adds, replaces or removes a domain. It says when it begins and when it has ended a change.
 */
final class MixtureWriterProcess {

  private MixtureWriterProcess() {}

  /** Makes changes in the mixture named first, as many as said second. */
  public static void main(String[] arguments) {
    MixtureDirectory mixture = MixtureDirectory.open(Path.of(arguments[0]), Duration.ofMinutes(1));
    PrintStream out = System.out;
    for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
      mixture.commit(
          change -> {
            int number = lastChange(change.state()) + 1;
            say(out, "begin " + number);
            apply(change, number);
          });
      say(out, "end");
      // Replaces moa.json alone, so that more of the random instants fall into its replacement.
      mixture.commit(change -> change.state().domains().keySet().forEach(change::pinDomain));
    }
  }

  private static void say(PrintStream out, String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.US_ASCII);
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  /** Returns the number of the last change that was committed. */
  static int lastChange(MixtureState state) {
    return state.routerDirectory().map(folder -> Integer.parseInt(labelOf(folder))).orElse(0);
  }

  private static void apply(MixtureChange change, int number) {
    String domain = domain(number);
    String label = Integer.toString(number);
    boolean exists = change.state().domains().containsKey(domain);
    if (!exists) {
      change.addDomain(domain, labelled(label));
    } else if (removes(number)) {
      change.removeDomain(domain);
    } else {
      change.replaceDomain(domain, labelled(label));
    }
    change.setRouter(labelled(label));
  }

  private static String domain(int number) {
    return "domain" + number % 3;
  }

  private static boolean removes(int number) {
    return number % 4 == 0;
  }

  /** Returns the labels that a mixture has after so many changes. */
  static Map<String, String> labelsAfter(int changes) {
    Map<String, String> labels = new TreeMap<>();
    for (int number = 1; number <= changes; number++) {
      if (labels.containsKey(domain(number)) && removes(number)) {
        labels.remove(domain(number));
      } else {
        labels.put(domain(number), Integer.toString(number));
      }
      labels.put("router", Integer.toString(number));
    }
    return labels;
  }

  /** Starts this program in a process of its own. */
  static Process start(Path mixture, int changes) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dslf4j.internal.verbosity=ERROR"));
    command.addAll(List.of("-Xmx64m", "-cp", classPath(), MixtureWriterProcess.class.getName()));
    command.addAll(List.of(mixture.toString(), Integer.toString(changes)));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static String classPath() {
    return Stream.of(
            MixtureWriterProcess.class,
            MixtureDirectory.class,
            ObjectMapper.class,
            JsonFactory.class,
            JacksonAnnotation.class,
            Logger.class)
        .map(type -> new File(type.getProtectionDomain().getCodeSource().getLocation().getPath()))
        .map(File::getPath)
        .collect(Collectors.joining(File.pathSeparator));
  }
}
