/**
 * What the methods share: the statistics a mixture keeps of each domain's prompts, and the linear
 * classifier of one state. Pooled states of prompts and safetensors files go in and come out. It
 * may use moa-core, the decisions of {@code router} and {@code router.algebra}; it knows no method.
 */
package io.github.moa4j.router.statistics;
