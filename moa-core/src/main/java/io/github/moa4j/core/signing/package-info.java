/**
 * Signatures over folders, as adapters and routers are: keys and folders come in, an OpenSSF Model
 * Signing v1.0 bundle ({@code model.sig}) or a copy that nobody can change any more goes out. It
 * may use {@code core.files} and the JDK's cryptography.
 */
package io.github.moa4j.core.signing;
