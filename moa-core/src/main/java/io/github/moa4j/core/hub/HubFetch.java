package io.github.moa4j.core.hub;

import io.github.moa4j.core.files.JsonObject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings one revision of a repository into the cache. */
final class HubFetch {

  private static final Logger logger = LoggerFactory.getLogger(HubFetch.class);

  private final HubCache cache;
  private final HubEnvironment environment;
  private final HubClient client;
  private final HubDownload download;

  HubFetch(HubCache cache, HubEnvironment environment, Patience patience, HubProgress progress) {
    this.cache = cache;
    this.environment = environment;
    this.client = new HubClient(environment, patience);
    this.download = new HubDownload(cache, client, patience, progress);
  }

  Path fetch(String revision) {
    if (environment.offline() || HubCache.isCommit(revision)) {
      Path cached = cache.find(revision).orElse(null);
      if (cached != null) {
        return cached;
      }
    }
    if (environment.offline()) {
      throw new HubException(
          "%s at %s is not whole in the cache %s, and nothing may be fetched (HF_HUB_OFFLINE, or offline(true))"
              .formatted(cache.repository(), revision, environment.cache()));
    }
    try {
      return fetchNow(revision);
    } catch (Unreachable e) {
      return cache
          .find(revision)
          .map(found -> warned(found, revision, e))
          .orElseThrow(() -> new HubException(e.getMessage(), e.getCause()));
    }
  }

  private Path warned(Path found, String revision, Unreachable e) {
    logger.warn(
        "{}; {} at {} is taken from the cache as it was",
        e.getMessage(),
        cache.repository(),
        revision);
    return found;
  }

  private Path fetchNow(String revision) throws Unreachable {
    HubFiles files = files(revision);
    files.requireWeights(cache.repository());
    for (String name : files.small()) {
      fetch(files.commit(), name);
    }
    for (String name : weights(files)) {
      fetch(files.commit(), name);
    }
    cache.refer(revision, files.commit());
    return cache.snapshot(files.commit());
  }

  private HubFiles files(String revision) throws Unreachable {
    URI address =
        client.address(
            "/api/models/" + cache.repository() + "/revision/" + revision.replace("/", "%2F"));
    return HubFiles.of(client.read(address), cache.repository() + " at " + revision);
  }

  private Set<String> weights(HubFiles files) {
    if (!files.isSharded()) {
      return Set.of(HubFiles.SINGLE);
    }
    Path index = cache.snapshot(files.commit()).resolve(HubFiles.INDEX);
    Set<String> shards = HubFiles.shards(JsonObject.read(index, HubException::new));
    for (String shard : shards) {
      if (!files.names().contains(shard)) {
        throw new HubException(
            "%s names the weights %s, which %s does not have"
                .formatted(HubFiles.INDEX, shard, cache.repository()));
      }
    }
    return shards;
  }

  private void fetch(String commit, String name) throws Unreachable {
    if (!Files.exists(cache.snapshot(commit).resolve(name))) {
      RemoteFile file = client.find(cache.repository(), commit, name);
      download.fetch(file);
      cache.link(commit, name, file.hash());
    }
  }
}
