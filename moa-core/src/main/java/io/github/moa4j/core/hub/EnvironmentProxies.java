package io.github.moa4j.core.hub;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The proxies that the environment names, else those of the JVM's properties. */
final class EnvironmentProxies extends ProxySelector {

  private final Map<String, Proxy> byScheme;
  private final List<String> direct;

  private EnvironmentProxies(Map<String, Proxy> byScheme, List<String> direct) {
    this.byScheme = byScheme;
    this.direct = direct;
  }

  static ProxySelector of(Map<String, String> variables) {
    Optional<Proxy> https = proxy(variables, "HTTPS_PROXY").or(() -> proxy(variables, "ALL_PROXY"));
    Optional<Proxy> http = proxy(variables, "HTTP_PROXY").or(() -> proxy(variables, "ALL_PROXY"));
    if (https.isEmpty() && http.isEmpty()) {
      ProxySelector ofTheJvm = ProxySelector.getDefault();
      return ofTheJvm == null ? ProxySelector.of(null) : ofTheJvm;
    }
    String none = variable(variables, "NO_PROXY").orElse("");
    return new EnvironmentProxies(
        Map.of("https", https.orElse(Proxy.NO_PROXY), "http", http.orElse(Proxy.NO_PROXY)),
        List.of(none.toLowerCase(Locale.ROOT).split("[,\\s]+", -1)));
  }

  private static Optional<String> variable(Map<String, String> variables, String name) {
    return Optional.ofNullable(variables.get(name.toLowerCase(Locale.ROOT)))
        .or(() -> Optional.ofNullable(variables.get(name)))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  private static Optional<Proxy> proxy(Map<String, String> variables, String name) {
    return variable(variables, name).map(text -> proxy(text, name));
  }

  private static Proxy proxy(String text, String name) {
    try {
      URI address = URI.create(text.contains("://") ? text : "http://" + text);
      if ("http".equals(address.getScheme())
          && address.getHost() != null
          && address.getRawUserInfo() == null) {
        int port = address.getPort() < 0 ? 80 : address.getPort();
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(address.getHost(), port));
      }
    } catch (IllegalArgumentException e) {
      throw wrong(name, e);
    }
    throw wrong(name, null);
  }

  /** The value is not quoted, as it may hold a password. */
  private static HubException wrong(String name, Throwable cause) {
    return new HubException(
        name
            + " must be a proxy such as http://proxy.example:3128, without user and password; no"
            + " other kind is supported.",
        cause);
  }

  @Override
  public List<Proxy> select(URI uri) {
    String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
    return List.of(
        goesDirect(host) ? Proxy.NO_PROXY : byScheme.getOrDefault(uri.getScheme(), Proxy.NO_PROXY));
  }

  private boolean goesDirect(String host) {
    for (String entry : direct) {
      String name = entry.startsWith("*.") ? entry.substring(1) : entry;
      String plain = name.startsWith(".") ? name.substring(1) : name;
      if (entry.equals("*")
          || (!plain.isEmpty() && (host.equals(plain) || host.endsWith("." + plain)))) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // the request itself fails, and says why
  }
}
