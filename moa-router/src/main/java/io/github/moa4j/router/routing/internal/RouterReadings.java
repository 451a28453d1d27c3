package io.github.moa4j.router.routing.internal;

import io.github.moa4j.core.generation.GenerationRequest.Sharing;
import io.github.moa4j.core.generation.TextGenerator;
import io.github.moa4j.core.model.PromptStates;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Reads what routers read besides the prompts that are answered: messages of conversations, texts
 * as they are written otherwise, parts of long ones. A pass takes what several questions wait for,
 * and no more than a few hundred tokens, as the answers under way wait meanwhile. What was read
 * last is remembered, as a conversation that goes on brings its messages again. Thread-safe.
 */
final class RouterReadings {

  /** Of a pass, padding included; one text alone may have more. */
  private static final int MOST_TOKENS = 1024;

  /** Texts that may be read with others'; what is beyond is read when its own question asks. */
  private static final int MOST_WAITING = 256;

  /** Of the states that are remembered; those of a prompt at 135M take 0.14 MB, at 7B 1 MB. */
  private static final long MOST_REMEMBERED = 32L << 20;

  private final TextGenerator generator;

  /** By what was read, the longest unused first; guarded by this. */
  private final Map<Read, PromptStates> remembered = new LinkedHashMap<>(16, 0.75f, true);

  private long rememberedBytes; // guarded by this
  private final Set<Text> waiting = new LinkedHashSet<>(); // guarded by this

  /** Creates it; the generator runs the passes between two tokens of the answers under way. */
  RouterReadings(TextGenerator generator) {
    this.generator = generator;
  }

  /** Tokens, how many layers of the base ran over them, and for whom. */
  private record Read(Object group, int depth, IntBuffer tokens) {

    Read(RouterInUse router, Sharing sharing, int[] tokens) {
      this(sharing.group(), router.depth(), IntBuffer.wrap(tokens));
    }
  }

  /** A text that waits to be read; equal to itself only. */
  private static final class Text {

    private final RouterInUse router;
    private final Sharing sharing;
    private final int[] prompt;
    private final CompletableFuture<PromptStates> states = new CompletableFuture<>();

    Text(RouterInUse router, Sharing sharing, int[] prompt) {
      this.router = router;
      this.sharing = sharing;
      this.prompt = prompt;
    }
  }

  /** What one question has to have read. */
  final class Reading {

    private final List<Text> texts;

    private Reading(List<Text> texts) {
      this.texts = texts;
    }

    /**
     * Returns what the base makes of each text, and has it run unless another question did.
     *
     * @throws io.github.moa4j.core.EngineClosedException if the generator is closed
     */
    List<PromptStates> states() {
      List<Text> left = unread();
      while (!left.isEmpty()) {
        List<Text> own = left;
        generator.pass(() -> read(own));
        left = unread();
      }
      return texts.stream().map(text -> text.states.join()).toList();
    }

    private List<Text> unread() {
      return texts.stream()
          .filter(text -> !text.states.isDone())
          .sorted(Comparator.comparingInt(text -> text.prompt.length))
          .toList();
    }

    /** Takes back what has not been read. */
    void cancel() {
      synchronized (RouterReadings.this) {
        texts.forEach(waiting::remove);
      }
    }
  }

  /**
   * Lets prompts wait until their question, or another that has room in its pass, reads them.
   *
   * @param sharing with whom the question shares what is read
   */
  Reading of(RouterInUse router, Sharing sharing, List<int[]> prompts) {
    List<Text> texts =
        prompts.stream().map(prompt -> new Text(router.whole(), sharing, prompt)).toList();
    synchronized (this) {
      for (Text text : texts) {
        PromptStates known = remembered.get(new Read(router, sharing, text.prompt));
        if (known != null) {
          text.states.complete(known);
        } else if (waiting.size() < MOST_WAITING) {
          waiting.add(text);
        }
      }
    }
    return new Reading(texts);
  }

  /** Keeps what the base made of a prompt, as long as there is room and nobody needs it more. */
  synchronized void remember(
      RouterInUse router, Sharing sharing, int[] prompt, PromptStates states) {
    Read read = new Read(router, sharing, prompt.clone());
    if (bytes(states) > MOST_REMEMBERED || remembered.get(read) != null) {
      return;
    }
    remembered.put(read, states);
    rememberedBytes += bytes(states);
    for (Iterator<PromptStates> oldest = remembered.values().iterator();
        rememberedBytes > MOST_REMEMBERED; ) {
      rememberedBytes -= bytes(oldest.next());
      oldest.remove();
    }
  }

  private static long bytes(PromptStates states) {
    return 2L * states.numStates() * states.hiddenSize() * Float.BYTES;
  }

  /** Runs a pass, in the engine's thread. */
  private boolean read(List<Text> own) {
    List<Text> batch = batch(own);
    RouterInUse router = own.get(0).router;
    List<PromptStates> read = router.states(batch.stream().map(text -> text.prompt).toList());
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).states.complete(read.get(i));
      remember(router, batch.get(i).sharing, batch.get(i).prompt, read.get(i));
    }
    synchronized (this) {
      batch.forEach(waiting::remove);
    }
    return true;
  }

  private static boolean samePass(Text one, Text other) {
    return one.sharing.pass().equals(other.sharing.pass());
  }

  /** Chooses from a question's own texts, the shortest first, and fills up with others'. */
  private synchronized List<Text> batch(List<Text> own) {
    Set<Text> candidates = new LinkedHashSet<>(own);
    candidates.addAll(waiting);
    List<Text> batch = new ArrayList<>();
    int longest = 0;
    Text first = own.get(0);
    for (Text text : candidates) {
      int padded = Math.max(longest, text.prompt.length) * (batch.size() + 1);
      boolean fits = batch.isEmpty() || padded <= MOST_TOKENS;
      if (fits && text.router == first.router && samePass(text, first)) {
        batch.add(text);
        longest = Math.max(longest, text.prompt.length);
      }
    }
    return batch;
  }
}
