/**
 * A mixture as a model of the Deep Java Library, so that its tools host one. DJL's criteria and
 * inputs (a text, or the JSON of a chat) go in, its models, predictors and outputs come out. It may
 * use the router and what that gives out, and DJL's API.
 */
package io.github.moa4j.djl;
