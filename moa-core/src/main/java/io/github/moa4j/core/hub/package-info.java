/**
 * Bases from the Hugging Face hub, fetched when the application asks and never otherwise. The name
 * of a repository and a revision come in; a folder of the cache that Python's library shares goes
 * out, every byte checked against the hub's hash. It may use {@code core.files} and the JDK's HTTP
 * client.
 */
package io.github.moa4j.core.hub;
