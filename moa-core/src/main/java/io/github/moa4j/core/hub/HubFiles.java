package io.github.moa4j.core.hub;

import io.github.moa4j.core.files.Failure;
import io.github.moa4j.core.files.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which files of a repository a base is loaded from.
 *
 * @param commit the commit they belong to
 * @param names all names of the repository
 */
record HubFiles(String commit, List<String> names) {

  /** The weights in one file. */
  static final String SINGLE = "model.safetensors";

  /** What says in which file a tensor is. */
  static final String INDEX = "model.safetensors.index.json";

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_. +=@-]{0,250}");
  private static final Set<String> TOKENIZER = Set.of("vocab.txt", "merges.txt");

  /** Reads what the hub says of a revision. */
  static HubFiles of(byte[] answer, String where) {
    JsonObject info = JsonObject.parse(answer, Path.of(where), HubException::new);
    String commit = info.text("sha");
    if (!HubCache.isCommit(commit)) {
      throw new HubException(
          "The hub names the commit '" + Failure.quote(commit) + "', which is none.");
    }
    List<String> names = new ArrayList<>();
    for (JsonObject sibling : info.objects("siblings")) {
      names.add(checked(sibling.text("rfilename")));
    }
    return new HubFiles(commit, List.copyOf(names));
  }

  /** A name may have folders, but must stay in its repository's. */
  private static String checked(String name) {
    boolean strange =
        name.isEmpty() || name.contains("\\") || name.chars().anyMatch(Character::isISOControl);
    for (String part : name.split("/", -1)) {
      strange |= part.isEmpty() || part.equals(".") || part.equals("..");
    }
    if (strange) {
      throw new HubException(
          "The repository has a file named '"
              + Failure.quote(name)
              + "', which would lie outside its folder; nothing of it is fetched.");
    }
    return name;
  }

  /** The small files beside the weights, the index of the weights included. */
  List<String> small() {
    return names.stream()
        .filter(name -> PLAIN.matcher(name).matches())
        .filter(
            name -> name.endsWith(".json") || name.endsWith(".jinja") || TOKENIZER.contains(name))
        .filter(name -> !name.equals(INDEX) || !names.contains(SINGLE))
        .toList();
  }

  /** Whether the weights are in several files. */
  boolean isSharded() {
    return !names.contains(SINGLE) && names.contains(INDEX);
  }

  /** Checks that there are weights that can be read, before anything is fetched. */
  void requireWeights(String repository) {
    if (!names.contains(SINGLE) && !names.contains(INDEX)) {
      boolean pickle = names.stream().anyMatch(name -> name.endsWith(".bin"));
      throw new HubException(
          repository
              + " holds neither "
              + SINGLE
              + " nor "
              + INDEX
              + (pickle
                  ? ", only weights in Python's pickle format, which can run code and is never"
                      + " read. Look for a revision or a copy of it in safetensors."
                  : ". Choose a repository of a whole model in Hugging Face's own format."));
    }
  }

  /** The files that an index of weights names. */
  static Set<String> shards(JsonObject index) {
    Set<String> shards = new TreeSet<>();
    Collection<Object> files = index.object("weight_map").values().values();
    for (Object file : files) {
      String name = String.valueOf(file);
      if (!PLAIN.matcher(name).matches() || !name.endsWith(".safetensors")) {
        throw new HubException(
            index.file()
                + " names the file '"
                + Failure.quote(name)
                + "' for weights; expected a name such as model-00001-of-00002.safetensors.");
      }
      shards.add(name);
    }
    return shards;
  }
}
