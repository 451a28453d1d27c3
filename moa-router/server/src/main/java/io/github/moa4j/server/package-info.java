/**
 * A mixture served over HTTP as OpenAI's clients expect it, and a page to chat with it. Requests in
 * JSON come in; answers, streamed or whole, and counts of what was done go out. It uses the public
 * classes of {@code router} and {@code core}, and {@code core.files} for JSON.
 */
package io.github.moa4j.server;
