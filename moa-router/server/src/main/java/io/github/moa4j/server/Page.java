package io.github.moa4j.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The page to chat with the mixture: three files that ask nothing of any other address. */
final class Page {

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
          + " data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final Map<String, String> types =
      Map.of(
          "/", "text/html; charset=utf-8",
          "/chat.js", "text/javascript; charset=utf-8",
          "/chat.css", "text/css; charset=utf-8");
  private final Map<String, String> texts =
      Map.of(
          "/", read("chat.html"),
          "/chat.js", read("chat.js"),
          "/chat.css", read("chat.css"));

  private static String read(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean has(String path) {
    return texts.containsKey(path);
  }

  void send(Exchange exchange, String path) {
    exchange.header("content-security-policy", POLICY);
    exchange.header("referrer-policy", "no-referrer");
    exchange.header("cache-control", "no-cache");
    exchange.send(200, types.get(path), texts.get(path));
  }
}
