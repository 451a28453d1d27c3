/**
 * A mixture in Spring: beans from properties, Spring AI's chat model, health and meters. Properties
 * {@code moa.*} and prompts go in; chat responses come out, each with the decision of who answered.
 * It may use what moa-router and moa-core make public, Spring, and moa-training where the
 * application has it.
 */
package io.github.moa4j.spring;
