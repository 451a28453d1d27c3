/**
 * A mixture as LangChain4j knows models: a chat model, one that streams, and a classifier that only
 * routes. Chat requests go in, where the model's name is a domain or {@code auto}; chat responses
 * come out, each with the decision of who answered. It may use what moa-router and moa-core make
 * public, and langchain4j-core.
 */
package io.github.moa4j.langchain4j;
