/**
 * Grows a mixture: trains a domain's adapter, remembers what the routers need of its prompts, and
 * commits adapters and routers together. Domains go in, a mixture directory comes out. It may use
 * {@code data}, {@code evaluation}, {@code lora}, {@code robustness} and {@code router} of this
 * module, the routers and the core.
 */
package io.github.moa4j.training.mixture;
